import { Random } from '@metric-learning/contracts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Permutation } from './permutation.js'

const orderOf = (seed: number, size: number): number[] => {
  const permutation = new Permutation(Random.at(seed, 'test'), size)
  return Array.from({ length: size }, (_, position) => permutation.at(position))
}

describe('Permutation', () => {
  it('has every number below its size once, whatever the size', () => {
    const property = fc.property(fc.integer(), fc.integer({ min: 1, max: 3000 }), (seed, size) => {
      expect(orderOf(seed, size).sort((a, b) => a - b)).toEqual(Array.from({ length: size }, (_, i) => i))
    })
    fc.assert(property, { numRuns: 60, seed: 1 })
    expect(new Set(Array.from({ length: 1000 }, (_, i) => new Permutation(new Random(3), 2 ** 31).at(i))).size).toBe(1000)
  })

  it.each([100, 200])('has each number at each place about as often as any other (size %i)', (size) => {
    const counts = new Int32Array(size * size)
    for (let seed = 0; seed < 20 * size; seed++) orderOf(seed, size).forEach((number, place) => (counts[number * size + place]! += 1))
    // 20 are expected in each cell, with the mean squared deviation of a Poisson count: 20.
    const deviation = counts.reduce((sum, count) => sum + (count - 20) ** 2, 0) / counts.length
    expect(deviation).toBeGreaterThan(18)
    expect(deviation).toBeLessThan(22)
  })
})
