import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FixedSetOfTriplets } from './fixed-set-of-triplets.js'

const labels = Array.from({ length: 30 }, (_, row) => row % 5)
const batchesOf = (sampler: FixedSetOfTriplets, seed: number, epoch = 1) => Array.from({ length: sampler.batchesPerEpoch }, (_, batch) => sampler.batch({ seed, epoch, batch }))
/** The triplets of an epoch, as texts. */
const tripletsOf = (batches: readonly Int32Array[]) => {
  const rows = batches.flatMap((batch) => [...batch])
  return Array.from({ length: rows.length / 3 }, (_, i) => rows.slice(3 * i, 3 * i + 3).join())
}

const cases = fc.record({
  labels: fc.array(fc.nat(4), { minLength: 3, maxLength: 30 }).filter((given) => new Set(given).size > 1 && new Set(given).size < given.length),
  numTriplets: fc.integer({ min: 1, max: 40 }),
  seed: fc.integer(),
  part: fc.nat(),
})

describe('FixedSetOfTriplets', () => {
  it('draws anchor and positive as two samples of one class, the negative from another, whatever the classes', () => {
    const property = fc.property(cases, ({ labels: of, numTriplets, seed }) => {
      const { anchor, positive, negative } = new FixedSetOfTriplets({ labels: of, numTriplets, batchSize: 3, seed }).triplets
      expect(anchor).toHaveLength(numTriplets)
      for (let i = 0; i < numTriplets; i++) {
        expect(anchor[i]).not.toBe(positive[i])
        expect(of[anchor[i]!]).toBe(of[positive[i]!])
        expect(of[negative[i]!]).not.toBe(of[anchor[i]!])
      }
    })
    fc.assert(property, { numRuns: 100, seed: 1 })
  })

  it('has each triplet of the set once an epoch, whatever the seed of the run, and goes on from the middle', () => {
    const property = fc.property(cases, fc.integer({ min: 1, max: 100 }), ({ part, seed, ...options }, epoch) => {
      const batchSize = 3 * (1 + (part % options.numTriplets))
      const make = () => new FixedSetOfTriplets({ ...options, batchSize, dropLast: false })
      const { anchor, positive, negative } = make().triplets
      const whole = batchesOf(make(), seed, epoch)
      expect(tripletsOf(whole).sort()).toEqual(Array.from(anchor, (row, i) => [row, positive[i], negative[i]].join()).sort())
      const fresh = make()
      for (let batch = part % whole.length; batch < whole.length; batch++) expect(fresh.batch({ seed, epoch, batch })).toEqual(whole[batch])
      expect([Math.max(...whole.map(({ length }) => length)), Math.min(...whole.map(({ length }) => length))]).toEqual([batchSize, fresh.minBatchSize])
    })
    fc.assert(property, { numRuns: 100, seed: 1 })
  })

  it('leaves out what is left after whole batches, other triplets in each epoch', () => {
    const sampler = new FixedSetOfTriplets({ labels, numTriplets: 20, batchSize: 24 })
    expect([sampler.batchesPerEpoch, sampler.minBatchSize]).toEqual([2, 24])
    const seen = new Set([1, 2, 3, 4, 5, 6, 7, 8].flatMap((epoch) => tripletsOf(batchesOf(sampler, 0, epoch))))
    expect(seen.size).toBe(new Set(Array.from(sampler.triplets.anchor, (row, i) => [row, sampler.triplets.positive[i], sampler.triplets.negative[i]].join())).size)
  })

  it('is another set from another seed of its own', () => {
    const set = (seed: number) => JSON.stringify(new FixedSetOfTriplets({ labels, numTriplets: 20, batchSize: 3, seed }).triplets)
    expect(set(1)).toBe(set(1))
    expect(set(1)).not.toBe(set(2))
  })

  it('says what does not add up', () => {
    const make = (options: object) => () => new FixedSetOfTriplets({ labels, numTriplets: 20, batchSize: 24, ...options })
    expect(make({ labels: [3, 3, 3] })).toThrow('wanted two classes or more, and two samples of at least one of them, got class 3 alone. Add samples of another class')
    expect(make({ labels: [3, 4, 5] })).toThrow('got 3 classes of one sample each. Add samples to some class')
    expect(make({ batchSize: 25 })).toThrow('`batchSize` to be a multiple of 3, got 25')
    expect(make({ batchSize: 63 })).toThrow('`batchSize` to be an integer of at least 3 and at most 60, got 63. 20 triplets have 60 samples')
    expect(make({ numTriplets: 0 })).toThrow('`numTriplets` to be an integer of at least 1 and at most 134217728, got 0')
  })
})
