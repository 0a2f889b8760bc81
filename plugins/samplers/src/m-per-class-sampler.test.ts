import type { BatchSampler } from '@metric-learning/contracts'
import { describe, expect, it } from 'vitest'
import { MPerClassSampler } from './m-per-class-sampler.js'

// Ten classes of 7 samples each, interleaved.
const labels = Array.from({ length: 70 }, (_, i) => i % 10)
/** The batches of an epoch. */
const batchesOf = (sampler: BatchSampler, seed: number, epoch = 1) =>
  Array.from({ length: sampler.batchesPerEpoch }, (_, batch) => sampler.batch({ seed, epoch, batch }))
const classesOf = (batch: Int32Array) => Array.from(batch, (row) => labels[row]!)

describe('MPerClassSampler', () => {
  it('fills every batch with batchSize / m classes of m different samples', () => {
    const sampler = new MPerClassSampler({ labels, m: 4, batchSize: 20 })
    const batches = batchesOf(sampler, 1)
    expect(sampler.batchesPerEpoch).toBe(Math.floor(70 / 20))
    for (const batch of batches) {
      expect(new Set(batch).size).toBe(20)
      const classes = classesOf(batch)
      expect(new Set(classes).size).toBe(5)
      classes.forEach((label, i) => expect(label).toBe(classes[i - (i % 4)]))
    }
  })

  it('gives any batch of any epoch at once, whatever was asked for before', () => {
    const options = { labels, m: 2, batchSize: 8 }
    const sampler = new MPerClassSampler(options)
    const inOrder = [1, 2, 3].map((epoch) => batchesOf(sampler, 5, epoch))
    const others = [new MPerClassSampler(options), sampler]
    for (const epoch of [3, 1, 2]) {
      for (let batch = sampler.batchesPerEpoch - 1; batch >= 0; batch--) {
        for (const other of others) expect(other.batch({ seed: 5, epoch, batch })).toEqual(inOrder[epoch - 1]![batch])
      }
    }
  })

  it('draws each batch anew: in each epoch, and from each seed', () => {
    const sampler = new MPerClassSampler({ labels, m: 2, batchSize: 8 })
    const batches = [1, 2, 3].flatMap((epoch) => [...batchesOf(sampler, 5, epoch), ...batchesOf(sampler, 6, epoch)])
    expect(new Set(batches.map(String)).size).toBe(6 * sampler.batchesPerEpoch)
  })

  it('says how many samples it was made for', () => {
    expect(new MPerClassSampler({ labels, m: 2, batchSize: 8, lengthBeforeNewIter: 16 }).sampleCount).toBe(70)
  })

  it('reaches every class and every sample, evenly', () => {
    const sampler = new MPerClassSampler({ labels, m: 3, batchSize: 12, lengthBeforeNewIter: 12 * 700 })
    const counts = new Int32Array(70)
    for (const batch of batchesOf(sampler, 2)) batch.forEach((row) => (counts[row]! += 1))
    // 120 expected, standard deviation about 10.6.
    expect(Math.min(...counts)).toBeGreaterThan(75)
    expect(Math.max(...counts)).toBeLessThan(165)
  })

  it('takes m of every class when no batch size is given, and at least one batch an epoch', () => {
    const sampler = new MPerClassSampler({ labels, m: 3, lengthBeforeNewIter: 10 })
    expect([sampler.batchSize, sampler.batchesPerEpoch]).toEqual([30, 1])
    const [batch] = batchesOf(sampler, 0)
    expect(new Set(classesOf(batch!)).size).toBe(10)
  })

  it('refuses a class with fewer than m samples by name, unless repeats are allowed', () => {
    const scarce = [0, 0, 0, 1, 2, 2, 2]
    expect(() => new MPerClassSampler({ labels: scarce, m: 2 })).toThrow('at least m = 2 samples of each class, got 1 of class 1')
    const [batch] = batchesOf(new MPerClassSampler({ labels: scarce, m: 2, allowRepeats: true }), 0)
    expect(batch!.filter((row) => row === 3).length).toBe(2)
  })

  it('says what does not add up', () => {
    expect(() => new MPerClassSampler({ labels, m: 4, batchSize: 18 })).toThrow('a multiple of m = 4, at most 40 for 10 classes, got 18')
    expect(() => new MPerClassSampler({ labels, m: 4, batchSize: 44 })).toThrow('got 44')
    expect(() => new MPerClassSampler({ labels, m: 4, batchSize: 20, lengthBeforeNewIter: 8 })).toThrow('at least one batch of 20, got 8')
    expect(() => new MPerClassSampler({ labels: [], m: 4 })).toThrow('an empty list')
    expect(() => new MPerClassSampler({ labels, m: 0 })).toThrow('`m` to be an integer of at least 1, got 0')
  })
})
