import { describe, expect, it } from 'vitest'
import { histogramOf } from './histogram.js'

describe('histogramOf', () => {
  it('counts in 30 buckets of equal width', () => {
    const { bucket, bucketLimit, ...rest } = histogramOf(Float64Array.of(0, 0.5, 1, 15, 29.99, 30))
    expect(rest).toEqual({ min: 0, max: 30, num: 6, sum: 76.49, sumSquares: 0.25 + 1 + 225 + 29.99 ** 2 + 900 })
    expect(bucketLimit).toEqual(Array.from({ length: 30 }, (_, i) => i + 1))
    expect(bucket.map((count, i) => [i, count]).filter(([, count]) => count)).toEqual([
      [0, 2],
      [1, 1],
      [15, 1],
      [29, 2],
    ])
  })

  it('takes equal values, which leave no width', () => {
    const { bucket, bucketLimit } = histogramOf([2, 2, 2])
    expect(bucket.reduce((sum, count) => sum + count)).toBe(3)
    expect(new Set(bucketLimit)).toEqual(new Set([2]))
  })

  it('takes a range that is beyond all numbers', () => {
    const { bucket, bucketLimit, min, max } = histogramOf([-1.5e308, 0, 1.5e308])
    expect([min, max, bucket[0], bucket[15], bucket[29]]).toEqual([-1.5e308, 1.5e308, 1, 1, 1])
    expect(bucketLimit.every(Number.isFinite)).toBe(true)
    expect(bucketLimit[14]).toBeCloseTo(0)
  })

  it('refuses no values, and values that are not finite', () => {
    expect(() => histogramOf([])).toThrow('EventFileWriter.histogram: wanted at least one value, got none.')
    expect(() => histogramOf([1, NaN])).toThrow('wanted finite values, got NaN at index 1')
  })
})
