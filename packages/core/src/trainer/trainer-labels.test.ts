import { describe, expect, it } from 'vitest'
import { LabelError, type BatchSampler } from '@metric-learning/contracts'
import { clusters, everyRow, toyOptions } from './toy-trainer.fixture.js'
import { Trainer } from './trainer.js'

describe('Trainer and labels', () => {
  it.each<[string, (label: number) => unknown, string]>([
    ['names', (label) => ['cat', 'dog', 'cow', 'hen'][label], '"cat" at position 0'],
    ['NaN', () => NaN, 'NaN at position 0'],
    ['fractions', (label) => label / 8, '0.125 at position 1'],
    ['numbers beyond int32', (label) => label + 2 ** 32, '4294967296 at position 0'],
  ])('refuses %s, of which an Int32Array makes classes of its own', (_, name, got) => {
    const plain = clusters()
    const dataset = { ...plain, labels: Array.from(plain.labels, name) as unknown as Int32Array }
    expect(() => new Trainer(toyOptions({ dataset }))).toThrow(LabelError)
    expect(() => new Trainer(toyOptions({ dataset }))).toThrow(`Trainer: wanted \`dataset.labels\` to be a non-empty list of integers of 32 bits, got ${got}`)
  })

  it('refuses a sampler that was made for a larger or a smaller set', () => {
    for (const perClass of [4, 16]) {
      const sampler = { ...everyRow(clusters(perClass)), sampleCount: 4 * perClass }
      expect(() => new Trainer(toyOptions({ sampler }))).toThrow(`everyRow: wanted to be made for the 32 samples of clusters, got one made for ${4 * perClass}`)
    }
  })

  it('refuses rows that the set does not have, and no rows', async () => {
    for (const [rows, got] of [[[0, 32], '32 at position 1'], [[], 'no row']] as const) {
      const sampler: BatchSampler = { name: 'stray', batchSize: 2, batchesPerEpoch: 1, batch: () => Int32Array.from(rows) }
      await expect(new Trainer(toyOptions({ sampler })).train({ epochs: 1 })).rejects.toThrow(`stray: wanted a batch of rows of the data set, integers from 0 to 31, got ${got}`)
    }
  })
})
