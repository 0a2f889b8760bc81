import type { Dataset } from '@metric-learning/contracts'
import { describe, expect, it } from 'vitest'
import { sideBySide } from './side-by-side.js'
import { withPositives } from './with-positives.js'

/** Sample i is the number `from + i`. */
const numbers = (labels: readonly number[], from = 0, more: Partial<Dataset> = {}): Dataset => ({
  name: `numbers from ${from}`,
  labels: Int32Array.from(labels),
  classNames: ['zero', 'one', 'two'],
  sampleShape: [1],
  load: (rows) => Promise.resolve({ values: Float32Array.from(rows, (row) => from + row), shape: [rows.length, 1] }),
  ...more,
})
const at = (view: number, batch = 0) => ({ seed: 3, epoch: 1, batch, view })
const loaded = async (dataset: Dataset, rows: readonly number[], position?: ReturnType<typeof at>) => [...(await dataset.load(Int32Array.from(rows), position)).values]

describe('withPositives', () => {
  const labels = [0, 1, 0, 1, 0, 2, 2]
  const rows = [...labels.keys()]
  const dataset = withPositives(numbers(labels), { seed: 1 })

  it('has the sample itself for its first view, and another one of its class for each further one', async () => {
    expect(await loaded(dataset, rows, at(0))).toEqual(rows)
    const seen = new Set<string>()
    for (let batch = 0; batch < 60; batch++) {
      const others = await loaded(dataset, rows, at(1, batch))
      others.forEach((other, row) => {
        expect(other).not.toBe(row)
        expect(labels[other]).toBe(labels[row])
        seen.add(`${row} ${other}`)
      })
    }
    // 3 · 2 of class 0, 2 · 1 of classes 1 and 2: every pair comes.
    expect(seen.size).toBe(10)
  })

  it('draws by the position alone, another one for each batch and view', async () => {
    const first = await loaded(dataset, rows, at(1, 5))
    await loaded(dataset, rows, at(1, 6))
    expect(await loaded(dataset, rows, at(1, 5))).toEqual(first)
    const all = await Promise.all([at(1, 6), at(2, 5), at(1, 7)].map(async (position) => String(await loaded(dataset, rows, position))))
    expect(new Set([...all, String(first)]).size).toBeGreaterThan(2)
  })

  it('refuses a class of one sample', () => {
    expect(() => withPositives(numbers([0, 0, 2]))).toThrow('got one of "two" in numbers from 0')
    expect(() => withPositives(numbers([0, 0]), { sed: 1 } as object)).toThrow('got `sed`')
    expect(() => withPositives(numbers([0, 0]), { seed: 0.5 })).toThrow('`seed`')
  })
})

describe('sideBySide', () => {
  it('has each dataset for a view', async () => {
    const both = sideBySide([numbers([0, 1, 0]), numbers([0, 1, 0], 100)])
    expect(both.views).toBe(2)
    expect(both.name).toBe('numbers from 0 and numbers from 100')
    expect(await loaded(both, [2, 0], at(0))).toEqual([2, 0])
    expect(await loaded(both, [2, 0], at(1))).toEqual([102, 100])
    expect(await loaded(both, [1])).toEqual([1])
  })

  it.each([
    [[numbers([0, 1])], 'wanted two datasets or more, got 1'],
    [[numbers([0, 1]), numbers([0, 1, 1], 9)], 'wanted 2 samples in numbers from 9 as in numbers from 0, got 3'],
    [[numbers([0, 1]), numbers([0, 2], 9)], 'class 1 in row 1 in numbers from 9 as in numbers from 0, got 2'],
    [[numbers([0, 1]), numbers([0, 1], 9, { sampleShape: [2] })], 'samples of [1] in numbers from 9 as in numbers from 0, got [2]'],
    [[numbers([0, 1]), numbers([0, 1], 9, { normalization: { mean: [0], std: [1] } })], 'one normalisation'],
  ])('refuses what does not go together: %#', (datasets, message) => {
    expect(() => sideBySide(datasets)).toThrow(message)
  })
})
