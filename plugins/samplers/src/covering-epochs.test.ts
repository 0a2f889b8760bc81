import { Random } from '@metric-learning/contracts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CoveringEpochs } from './covering-epochs.js'

/** Portions of each class, classes of a batch. */
const cases = fc
  .array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 12 })
  .chain((portions) => fc.record({ portions: fc.constant(portions), classesPerBatch: fc.integer({ min: 1, max: portions.length }), isFilledUp: fc.boolean(), seed: fc.nat() }))

describe('CoveringEpochs', () => {
  it('has no class twice in a batch, and each as often as it has portions, in order', () => {
    const property = fc.property(cases, ({ portions, classesPerBatch, isFilledUp, seed }) => {
      const epochs = new CoveringEpochs(Int32Array.from(portions), classesPerBatch, isFilledUp)
      const plan = epochs.plan(Random.at(seed, 'test'))
      const all = portions.reduce((a, b) => a + b)
      expect(epochs.batches).toBe(Math.max(...portions, Math.ceil(all / classesPerBatch)))
      const seen = portions.map(() => 0)
      for (let batch = 0; batch < epochs.batches; batch++) {
        const [from, end] = epochs.placesOf(batch)
        const classes = [...plan.classes.subarray(from, end)]
        expect(new Set(classes).size).toBe(classes.length)
        expect(classes.length).toBeGreaterThanOrEqual(epochs.least)
        expect(classes.length).toBeLessThanOrEqual(isFilledUp ? classesPerBatch : epochs.most)
        if (isFilledUp) expect(classes.length).toBe(classesPerBatch)
        classes.forEach((label, i) => expect(plan.portions[from + i]).toBe(seen[label]!++))
      }
      seen.forEach((count, label) => expect(count).toBeGreaterThanOrEqual(portions[label]!))
      // Nobody comes again where nothing is filled up, unless one class asks for more batches than the others fill.
      if (!isFilledUp && Math.max(...portions) <= Math.ceil(all / classesPerBatch)) expect(seen).toEqual(portions)
    })
    fc.assert(property, { numRuns: 200, seed: 1 })
  })

  it('has any two classes meet about as often as any others, however large they are', () => {
    // Ten classes of 2 portions and ten of 8, 5 classes a batch: 20 batches.
    const portions = Int32Array.from({ length: 20 }, (_, label) => (label < 10 ? 2 : 8))
    const epochs = new CoveringEpochs(portions, 5, true)
    const together = new Int32Array(400)
    for (let epoch = 0; epoch < 500; epoch++) {
      const { classes } = epochs.plan(Random.at(0, 'test', epoch))
      for (let batch = 0; batch < epochs.batches; batch++) {
        const [from, end] = epochs.placesOf(batch)
        for (let i = from; i < end; i++) for (let j = from; j < end; j++) if (i !== j) together[classes[i]! * 20 + classes[j]!]! += 1
      }
    }
    const range = (of: (a: number, b: number) => boolean) => {
      const counts = [...together].filter((_, cell) => cell % 20 !== Math.floor(cell / 20) && of(Math.floor(cell / 20), cell % 20))
      const mean = counts.reduce((a, b) => a + b) / counts.length
      return [Math.min(...counts) / mean, Math.max(...counts) / mean]
    }
    for (const of of [(a: number, b: number) => a < 10 && b < 10, (a: number, b: number) => a < 10 && b >= 10, (a: number, b: number) => a >= 10 && b >= 10]) {
      const [least, most] = range(of)
      expect(least).toBeGreaterThan(0.7)
      expect(most).toBeLessThan(1.3)
    }
  })
})
