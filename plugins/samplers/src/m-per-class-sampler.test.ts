import { Random, type BatchSampler } from '@metric-learning/contracts'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
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
    expect(() => new MPerClassSampler({ labels, m: 2, batchSize: 8 }).batch({ seed: 0, epoch: 1, batch: 8 })).toThrow('`batch` to be an integer of at least 0 and at most 7, got 8')
    expect(() => new MPerClassSampler({ labels, m: 2, coverage: 'al' as never })).toThrow("`coverage` to be 'random' or 'all', got al")
    expect(() => new MPerClassSampler({ labels, m: 2, coverage: 'all', lengthBeforeNewIter: 70 })).toThrow("wanted no `lengthBeforeNewIter` with `coverage: 'all'`, where the length of an epoch follows, got 70")
    expect(() => new MPerClassSampler({ labels: [], m: 4 })).toThrow('an empty list')
    expect(() => new MPerClassSampler({ labels, m: 0 })).toThrow('`m` to be an integer of at least 1, got 0')
  })

  it('says that there will never be a positive, or never a negative, unless that is meant', () => {
    expect(() => new MPerClassSampler({ labels, m: 1, batchSize: 8 })).toThrow('wanted `m` to be at least 2, got 1: no sample of a batch will ever have a positive. Pass `m: 2` or more; or pass `allowUnpaired: true`')
    expect(() => new MPerClassSampler({ labels, m: 4, batchSize: 4 })).toThrow('wanted batches of at least two classes, 8 samples, got 4: one class, so that no sample will ever have a negative.')
    expect(() => new MPerClassSampler({ labels: [7, 7, 7, 7], m: 2 })).toThrow('one class')
    expect(batchesOf(new MPerClassSampler({ labels, m: 1, batchSize: 8, allowUnpaired: true }), 0)[0]).toHaveLength(8)
    expect(batchesOf(new MPerClassSampler({ labels, m: 4, batchSize: 4, allowUnpaired: true }), 0)[0]).toHaveLength(4)
  })

  it('says what becomes of a class of one sample', () => {
    expect(() => new MPerClassSampler({ labels: [0, 0, 1, 2, 2], m: 2 })).toThrow('got 1 of class 1. Leave classes of one sample out, for it has no positive;')
    expect(() => new MPerClassSampler({ labels: [0, 0, 1, 1, 1], m: 3 })).toThrow('got 2 of class 0. Lower `m`')
  })

  it('names the first few of very many small classes, and counts the rest', () => {
    const single = Array.from({ length: 60_000 }, (_, row) => row)
    expect(() => new MPerClassSampler({ labels: single, m: 2 })).toThrow('got 1 of class 0, 1 of class 1, 1 of class 2 (and 59997 more such classes). Leave classes')
    expect(() => new MPerClassSampler({ labels: [0, 0, 0, 1, 1, 2], m: 3 })).toThrow('got 2 of class 1, 1 of class 2. Lower `m`')
  })

  it('has a last, smaller batch when asked to, of two classes or more', () => {
    const sizes = (options: object) => batchesOf(new MPerClassSampler({ labels, m: 4, batchSize: 20, ...options }), 3).map((batch) => batch.length)
    expect(sizes({})).toEqual([20, 20, 20])
    expect(sizes({ dropLast: false })).toEqual([20, 20, 20, 8])
    expect(sizes({ dropLast: false, lengthBeforeNewIter: 67 })).toEqual([20, 20, 20])
    const sampler = new MPerClassSampler({ labels, m: 4, batchSize: 20, dropLast: false })
    expect([sampler.batchSize, sampler.minBatchSize]).toEqual([20, 8])
  })
})

describe('MPerClassSampler of many samples', () => {
  const many = Int32Array.from({ length: 200_000 }, (_, row) => row % 4)
  const drawsOf = (action: () => void): number => {
    const draws = vi.spyOn(Random.prototype, 'int')
    action()
    const count = draws.mock.calls.length
    draws.mockRestore()
    return count
  }

  it("draws as often for a batch as it has classes and samples, but for the plan of an epoch of coverage 'all'", () => {
    const random = new MPerClassSampler({ labels: many, m: 4, batchSize: 16 })
    expect(drawsOf(() => random.batch({ seed: 0, epoch: 3, batch: 12_000 }))).toBe(4 + 16)
    const all = new MPerClassSampler({ labels: many, m: 4, batchSize: 16, coverage: 'all' })
    expect(drawsOf(() => all.batch({ seed: 0, epoch: 3, batch: 12_000 }))).toBeLessThan(3 * (200_000 / 4))
    expect(drawsOf(() => all.batch({ seed: 0, epoch: 3, batch: 7 }))).toBeLessThan(16 * 4)
  })
})

/** How often each sample is in an epoch. */
function timesOf(sampler: MPerClassSampler, seed: number, epoch = 1): Int32Array {
  const times = new Int32Array(sampler.sampleCount)
  for (const batch of batchesOf(sampler, seed, epoch)) batch.forEach((row) => (times[row]! += 1))
  return times
}

/** Labels of classes of the given sizes, in some order, and the options of a sampler that goes with them. */
const cases = fc
  .record({ m: fc.integer({ min: 2, max: 4 }), extra: fc.array(fc.nat(9), { minLength: 2, maxLength: 9 }), seed: fc.integer() })
  .chain(({ m, extra, seed }) =>
    fc.record({
      m: fc.constant(m),
      seed: fc.constant(seed),
      labels: fc.shuffledSubarray(extra.flatMap((more, label) => Array.from({ length: m + more }, () => 10 * label - 20)), { minLength: extra.reduce((sum, more) => sum + m + more, 0) }),
      classesPerBatch: fc.integer({ min: 2, max: extra.length }),
      coverage: fc.constantFrom('all' as const, 'random' as const),
      dropLast: fc.boolean(),
    }),
  )
  .map(({ classesPerBatch, seed, ...options }) => ({ seed, options: { ...options, batchSize: classesPerBatch * options.m, ...(options.coverage === 'random' && { lengthBeforeNewIter: Math.max(options.labels.length, classesPerBatch * options.m) }) } }))

describe('MPerClassSampler, whatever the classes', () => {
  it('has m different samples of each class that is in a batch, and no class twice', () => {
    const property = fc.property(cases, ({ seed, options }) => {
      const sampler = new MPerClassSampler(options)
      const sizes = batchesOf(sampler, seed).map((batch) => {
        const classes = Array.from(batch, (row) => options.labels[row]!)
        for (let i = 0; i < batch.length; i += options.m) expect(new Set(classes.slice(i, i + options.m)).size).toBe(1)
        expect(new Set(classes).size).toBe(batch.length / options.m)
        expect(new Set(batch).size).toBe(batch.length)
        expect(batch.length).toBeGreaterThanOrEqual(2 * options.m)
        return batch.length
      })
      expect([Math.max(...sizes), Math.min(...sizes)]).toEqual([sampler.batchSize, sampler.minBatchSize])
      if (options.dropLast) expect(sampler.minBatchSize).toBe(options.batchSize)
    })
    fc.assert(property, { numRuns: 150, seed: 1 })
  })

  it("has every sample in every epoch of coverage 'all', those of a class equally often but for one time", () => {
    const property = fc.property(cases, fc.integer({ min: 1, max: 1000 }), ({ seed, options: { coverage: _, lengthBeforeNewIter: __, ...options } }, epoch) => {
      const sampler = new MPerClassSampler({ ...options, coverage: 'all' })
      const times = timesOf(sampler, seed, epoch)
      for (const label of new Set(options.labels)) {
        const ofClass = times.filter((_, row) => options.labels[row] === label)
        expect(Math.min(...ofClass)).toBeGreaterThanOrEqual(1)
        expect(Math.max(...ofClass) - Math.min(...ofClass)).toBeLessThanOrEqual(1)
      }
    })
    fc.assert(property, { numRuns: 150, seed: 1 })
  })

  it("has every sample exactly once in an epoch of coverage 'all' where classes are multiples of m and nothing is filled up", () => {
    const property = fc.property(fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 3, maxLength: 12 }), fc.integer({ min: 2, max: 4 }), fc.integer(), (portions, m, seed) => {
      const all = portions.reduce((a, b) => a + b)
      const classesPerBatch = Math.max(2, Math.min(portions.length, Math.floor(all / Math.max(...portions))))
      fc.pre(Math.max(...portions) <= Math.ceil(all / classesPerBatch))
      const of = portions.flatMap((count, label) => new Array<number>(count * m).fill(label))
      const sampler = new MPerClassSampler({ labels: of, m, batchSize: classesPerBatch * m, coverage: 'all', dropLast: false, allowUnpaired: true })
      expect(timesOf(sampler, seed)).toEqual(new Int32Array(of.length).fill(1))
      expect(sampler.batchesPerEpoch).toBe(Math.ceil(all / classesPerBatch))
    })
    fc.assert(property, { numRuns: 150, seed: 1 })
  })

  it('has the same order from the same seed, the rest of an epoch from its middle, and another order in another epoch', () => {
    const property = fc.property(cases, fc.integer({ min: 1, max: 1000 }), fc.nat(), ({ seed, options }, epoch, middle) => {
      const [used, fresh] = [new MPerClassSampler(options), new MPerClassSampler(options)]
      const whole = batchesOf(used, seed, epoch)
      const from = middle % whole.length
      for (let batch = from; batch < whole.length; batch++) expect(fresh.batch({ seed, epoch, batch })).toEqual(whole[batch])
      batchesOf(fresh, seed + 1, epoch)
      expect(batchesOf(fresh, seed, epoch)).toEqual(whole)
      // Of 12 epochs some differ, however few orders there are.
      expect(new Set(Array.from({ length: 12 }, (_, i) => String(batchesOf(fresh, seed, epoch + i)))).size).toBeGreaterThan(1)
    })
    fc.assert(property, { numRuns: 80, seed: 1 })
  })
})
