import type { LabelRow } from '@metric-learning/contracts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { binomial } from './combination.js'
import { HierarchicalSampler, type HierarchicalSamplerOptions } from './hierarchical-sampler.js'

/** Four super classes of three classes of five samples each, interleaved. */
const labels: LabelRow[] = Array.from({ length: 60 }, (_, row) => [row % 12, Math.floor((row % 12) / 3)])
const make = (options: Partial<HierarchicalSamplerOptions> = {}) => new HierarchicalSampler({ labels, batchSize: 12, samplesPerClass: 3, ...options })
const batchesOf = (sampler: HierarchicalSampler, seed: number, epoch = 1) => Array.from({ length: sampler.batchesPerEpoch }, (_, batch) => sampler.batch({ seed, epoch, batch }))
const countsOf = (batch: Int32Array, of: readonly LabelRow[], column: number) => {
  const counts = new Map<number, number>()
  for (const row of batch) counts.set(of[row]![column]!, (counts.get(of[row]![column]!) ?? 0) + 1)
  return counts
}

const cases = fc
  .record({ superClasses: fc.integer({ min: 2, max: 5 }), classes: fc.integer({ min: 2, max: 4 }), samplesPerClass: fc.integer({ min: 2, max: 3 }), more: fc.nat(3) })
  .chain(({ superClasses, classes, samplesPerClass, more }) =>
    fc.record({
      seed: fc.integer(),
      superClassesPerBatch: fc.integer({ min: 1, max: superClasses }),
      classesPerSuper: fc.integer({ min: 1, max: classes }),
      batchesPerSuperTuple: fc.integer({ min: 1, max: 3 }),
      samplesPerClass: fc.constant(samplesPerClass),
      labels: fc.constant(Array.from({ length: superClasses * classes * (samplesPerClass + more) }, (_, row): LabelRow => [row % (superClasses * classes), Math.floor((row % (superClasses * classes)) / classes) + 40])),
    }),
  )
  .map(({ seed, classesPerSuper, ...options }) => ({ seed, options: { ...options, batchSize: options.superClassesPerBatch * classesPerSuper * options.samplesPerClass } }))

describe('HierarchicalSampler', () => {
  it('has as many samples of each super class, and samplesPerClass different ones of each class, whatever the classes', () => {
    const property = fc.property(cases, ({ seed, options }) => {
      for (const batch of batchesOf(new HierarchicalSampler(options), seed)) {
        expect(batch.length).toBe(options.batchSize)
        expect(new Set(batch).size).toBe(batch.length)
        expect([...countsOf(batch, options.labels, 1).values()]).toEqual(new Array(options.superClassesPerBatch).fill(options.batchSize / options.superClassesPerBatch))
        expect(new Set(countsOf(batch, options.labels, 0).values())).toEqual(new Set([options.samplesPerClass]))
      }
    })
    fc.assert(property, { numRuns: 60, seed: 1 })
  })

  it('has each combination of super classes batchesPerSuperTuple times an epoch, in another order in each', () => {
    const property = fc.property(cases, fc.integer({ min: 1, max: 100 }), ({ seed, options }, epoch) => {
      const sampler = new HierarchicalSampler(options)
      const tuples = batchesOf(sampler, seed, epoch).map((batch) => [...countsOf(batch, options.labels, 1).keys()].sort((a, b) => a - b).join())
      const combinations = binomial(new Set(options.labels.map(([, label]) => label)).size, options.superClassesPerBatch)
      const times = [...new Set(tuples)].map((one) => tuples.filter((tuple) => tuple === one).length)
      expect(times).toEqual(new Array(combinations).fill(options.batchesPerSuperTuple))
    })
    fc.assert(property, { numRuns: 60, seed: 1 })
  })

  it('has the same order from the same seed, and the rest of an epoch from its middle', () => {
    const property = fc.property(cases, fc.integer({ min: 1, max: 100 }), fc.nat(), ({ seed, options }, epoch, middle) => {
      const whole = batchesOf(new HierarchicalSampler(options), seed, epoch)
      const fresh = new HierarchicalSampler(options)
      for (let batch = middle % whole.length; batch < whole.length; batch++) expect(fresh.batch({ seed, epoch, batch })).toEqual(whole[batch])
    })
    fc.assert(property, { numRuns: 40, seed: 1 })
  })

  it('takes all samples of classes that fit, and says how few samples a batch can have', () => {
    // Super class 0 has classes of 2, 3 and 4 samples, super class 1 two of 5.
    const sizes = [[2, 3, 4], [5, 5]]
    let label = 0
    const of = sizes.flatMap((ofSuper, superLabel) => ofSuper.flatMap((size) => new Array<LabelRow>(size).fill([label++, superLabel])))
    const sampler = new HierarchicalSampler({ labels: of, batchSize: 14, samplesPerClass: 'all', batchesPerSuperTuple: 200 })
    const batches = batchesOf(sampler, 0)
    const lengths = batches.map(({ length }) => length)
    expect([Math.min(...lengths), Math.max(...lengths)]).toEqual([10, 12])
    expect(sampler.minBatchSize).toBeLessThanOrEqual(10)
    expect(sampler.minBatchSize).toBe(4 + 5)
    for (const batch of batches) for (const [found, count] of countsOf(batch, of, 0)) expect(count).toBe(of.filter(([own]) => own === found).length)
  })

  it('takes super classes of very many classes', () => {
    // One of four samples and 200,000 of one each; beside them a super class of one class of two.
    const many = [...Array.from({ length: 200_004 }, (_, row): LabelRow => [Math.max(0, row - 3), 0]), [-1, 1], [-1, 1]]
    const sampler = new HierarchicalSampler({ labels: many, batchSize: 10, samplesPerClass: 'all' })
    expect(sampler.minBatchSize).toBe(2 + 2)
  })

  it('has epochs as short as asked for, and does not list combinations that are too many', () => {
    const many = Array.from({ length: 2000 }, (_, row): LabelRow => [row % 200, row % 200])
    const sampler = new HierarchicalSampler({ labels: many, batchSize: 16, samplesPerClass: 4, superClassesPerBatch: 4, batchesPerSuperTuple: 1, batchesPerEpoch: 10 })
    expect(sampler.batchesPerEpoch).toBe(10)
    expect(new Set(batchesOf(sampler, 0).map(String)).size).toBe(10)
    expect(make({ batchesPerEpoch: 5 }).batchesPerEpoch).toBe(5)
    expect(() => make({ batchesPerEpoch: 25 })).toThrow('`batchesPerEpoch` to be an integer of at least 1 and at most 24, got 25. All combinations make 24; raise `batchesPerSuperTuple` for more.')
    expect(() => new HierarchicalSampler({ labels: many, batchSize: 80, samplesPerClass: 2, superClassesPerBatch: 40 })).toThrow('at most 2^31 batches of combinations of super classes, got 40 of 200, 4 batches of each')
  })

  it('takes other columns', () => {
    const turned = labels.map(([label, superLabel]): LabelRow => [7, superLabel!, label!])
    expect(batchesOf(make({ labels: turned, innerLabel: 2, outerLabel: 1 }), 4)).toEqual(batchesOf(make(), 4))
  })

  it('says what does not add up', () => {
    const short = labels.filter(([label]) => label! > 1)
    const scarce = labels.filter(([label], row) => label !== 4 || row < 20)
    for (const [options, message] of [
      [{ batchSize: 13, samplesPerClass: 2 }, 'wanted `batchSize` to be a multiple of 4: of superClassesPerBatch = 2 times samplesPerClass = 2, got 13'],
      [{ samplesPerClass: 4 }, 'wanted `batchSize` to be a multiple of 8'],
      [{ batchSize: 11, samplesPerClass: 'all' }, 'wanted `batchSize` to be a multiple of 2: of superClassesPerBatch = 2, got 11'],
      [{ samplesPerClass: 'some' as never }, "`samplesPerClass` to be an integer of at least 1, got \"some\". Pass a number, or 'all'."],
      [{ superClassesPerBatch: 6, batchSize: 36 }, '`superClassesPerBatch` to be at most 4, as there are super classes, got 6'],
      [{ batchSize: 2, samplesPerClass: 1 }, 'at least two samples of each super class in a batch, got 2 of 2: no sample will ever have a positive'],
      [{ labels: short }, 'wanted at least 2 classes in each super class, for 6 samples of it in a batch, got 1 of super class 0. Lower `batchSize`'],
      [{ labels: scarce }, 'wanted at least samplesPerClass = 3 samples of each class, got 2 of class 4 of super class 1. Lower `samplesPerClass`'],
      [{ samplesPerClass: 'all', batchSize: 8 }, 'wanted classes of at most 4 samples, the part of a super class in a batch, got 5 of class 0 of super class 0. Raise `batchSize`, pass a number as `samplesPerClass`.'],
      [{ innerLabel: 2 }, '`innerLabel` to be an integer of at least 0 and at most 1, got 2. Rows of `labels` have 2 numbers'],
      [{ innerLabel: 1 }, '`innerLabel` and `outerLabel` to differ, got 1'],
      [{ labels: [0, 1] as never }, '`outerLabel` to be an integer of at least 0 and at most 0'],
      [{ labels: [[0, 0.5]] }, '`labels` to be rows of integers of 32 bits'],
    ] as const satisfies readonly (readonly [Partial<HierarchicalSamplerOptions>, string])[]) {
      expect(() => make(options)).toThrow(message)
    }
    expect(make({ labels: short, allowShort: true }).minBatchSize).toBe(9)
    expect(make({ labels: scarce, allowRepeats: true }).minBatchSize).toBe(12)
  })
})
