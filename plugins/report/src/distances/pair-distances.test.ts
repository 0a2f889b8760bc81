import { Random } from '@metric-learning/contracts'
import { describe, expect, it } from 'vitest'
import { distanceHistogram, samplePairDistances } from './pair-distances.js'

describe('samplePairDistances', () => {
  it('draws pairs of one class, and of two', () => {
    // On a line: class 0 at 0 and 1, class 1 at 10 and 12, class 2 alone at 100.
    const { positive, negative } = samplePairDistances([0, 1, 10, 12, 100], 1, [0, 0, 1, 1, 2], { pairs: 2000 })!
    expect([...new Set(positive)].sort((a, b) => a - b)).toEqual([1, 2])
    expect([...new Set(negative)].sort((a, b) => a - b)).toEqual([9, 10, 11, 12, 88, 90, 99, 100])
    expect(positive.length + negative.length).toBe(4000)
    // Each sample is an anchor as often.
    expect(positive.filter((distance) => distance === 1).length / 2000).toBeCloseTo(0.5, 1)
  })

  it('draws the same pairs from the same seed', () => {
    const draw = (seed: number) => samplePairDistances([0, 1, 10, 12, 100], 1, [0, 0, 1, 1, 2], { pairs: 50, seed })!.negative
    expect(draw(3)).toEqual(draw(3))
    expect(draw(3)).not.toEqual(draw(4))
  })

  it('finds none where no class has two samples, or there is one class', () => {
    expect(samplePairDistances([0, 1, 2], 1, [0, 1, 2])).toBeUndefined()
    expect(samplePairDistances([0, 1, 2], 1, [5, 5, 5])).toBeUndefined()
  })
})

describe('distanceHistogram', () => {
  it('has the shares of each bin, and what they have in common', () => {
    const { edges, positive, negative, overlap } = distanceHistogram({ positive: Float64Array.of(0, 1, 1, 3), negative: Float64Array.of(1, 3, 4, 4) }, 4)
    expect(edges).toEqual([0, 1, 2, 3, 4])
    expect(positive).toEqual([0.25, 0.5, 0, 0.25])
    expect(negative).toEqual([0, 0.25, 0, 0.75])
    expect(overlap).toBe(0.5)
  })

  it('overlaps wholly where distances are spread alike, and not at all where a threshold tells them apart', () => {
    const random = new Random(1)
    const draw = (mean: number) => Float64Array.from({ length: 20_000 }, () => mean + random.normal())
    expect(distanceHistogram({ positive: draw(0), negative: draw(0) }).overlap).toBeGreaterThan(0.96)
    // Two normal distributions, means d apart: 2 Φ(-d / 2).
    expect(distanceHistogram({ positive: draw(0), negative: draw(2) }).overlap).toBeCloseTo(0.3173, 1)
    expect(distanceHistogram({ positive: draw(0), negative: draw(30) }).overlap).toBe(0)
    const point = distanceHistogram({ positive: Float64Array.of(2, 2), negative: Float64Array.of(2) })
    expect(point.overlap).toBe(1)
  })
})
