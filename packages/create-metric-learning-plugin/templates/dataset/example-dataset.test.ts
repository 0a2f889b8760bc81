import { describeDataset } from '@metric-learning/plugin-testkit'
import { expect, it } from 'vitest'
import { exampleDataset } from './example-dataset.js'

describeDataset('exampleDataset', {
  create: () => exampleDataset({ classes: 3, samplesPerClass: 4 }),
  mistakes: {
    'one class': () => exampleDataset({ classes: 1 }),
    'half a sample': () => exampleDataset({ samplesPerClass: 2.5 }),
    'a spread that is no number': () => exampleDataset({ spread: NaN }),
    'an unknown option': () => exampleDataset({ class: 3 } as never),
  },
})

it('has samples around the centres of their classes', async () => {
  const set = exampleDataset({ classes: 2, samplesPerClass: 200, size: 1, spread: 0.1 })
  const { values } = await set.load(Int32Array.from(set.labels.keys()))
  for (const label of [0, 1]) {
    const own = [...values].filter((_, row) => set.labels[row] === label)
    const mean = own.reduce((sum, value) => sum + value, 0) / own.length
    expect(Math.sqrt(own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / own.length)).toBeCloseTo(0.1, 1)
  }
})

it('draws equal sets from equal seeds, and others from others', async () => {
  const first = async (seed: number) => [...(await exampleDataset({ seed }).load(Int32Array.of(0))).values]
  expect(await first(1)).toEqual(await first(1))
  expect(await first(1)).not.toEqual(await first(2))
})
