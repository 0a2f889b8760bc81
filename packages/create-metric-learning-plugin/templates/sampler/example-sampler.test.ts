import { describeSampler } from '@metric-learning/plugin-testkit'
import { expect, it } from 'vitest'
import { ExampleSampler, type ExampleSamplerOptions } from './example-sampler.js'

/** Of three samples out of four the class is 0. */
const labels = Array.from({ length: 400 }, (_, row) => Number(row % 4 === 0))
const make = (options: Partial<ExampleSamplerOptions> = {}) => new ExampleSampler({ labels, batchSize: 40, ...options })

describeSampler('ExampleSampler', {
  create: () => make({ labels: labels.slice(0, 40), batchSize: 8 }),
  sampleCount: 40,
  mistakes: {
    'an unknown option': () => make({ batchsize: 8 } as never),
    'no batch': () => make({ batchSize: 0 }),
    'an exponent above 1': () => make({ exponent: 2 }),
    'no labels': () => make({ labels: [] }),
  },
})

it.each([[0, 1 / 2], [0.5, Math.sqrt(3) / (Math.sqrt(3) + 1)], [1, 3 / 4]])('draws classes as its formula says, with exponent %f', (exponent, wanted) => {
  const sampler = make({ exponent })
  const rows = Array.from({ length: 100 }, (_, epoch) => [...sampler.batch({ seed: 0, epoch: epoch + 1, batch: 0 })]).flat()
  expect(rows.filter((row) => labels[row] === 0).length / rows.length).toBeCloseTo(wanted, 1)
})
