import { describe, expect, it } from 'vitest'
import { holm, meanInterval, pairedDifference } from './intervals.js'

// Values of scipy 1.x: stats.t.ppf(0.975, n - 1) · s / √n, stats.ttest_rel, and statsmodels' multipletests(method='holm').
const a = [0.31, 0.33, 0.3, 0.36]
const b = [0.29, 0.3, 0.31, 0.3]

describe('meanInterval', () => {
  it('is that of Student’s t', () => {
    const { mean, half, count } = meanInterval(a)
    expect(mean).toBeCloseTo(0.325, 12)
    expect(half).toBeCloseTo(0.04209980742298516, 6)
    expect(count).toBe(4)
    expect(meanInterval([0, 1]).half).toBeCloseTo(12.70620474 * 0.5, 4)
  })

  it('has no interval of one value', () => {
    expect(meanInterval([0.5])).toEqual({ mean: 0.5, count: 1 })
  })
})

describe('pairedDifference', () => {
  it('is that of the paired t test', () => {
    const { mean, half, p } = pairedDifference(a, b)
    expect(mean).toBeCloseTo(0.025, 12)
    expect(mean - half!).toBeCloseTo(-0.020934655775926958, 6)
    expect(p).toBeCloseTo(0.18169011381620923, 6)
    expect(pairedDifference([0.5, 0.6, 0.7], [0.1, 0.2, 0.31]).p).toBeCloseTo(7.060900273584883e-5, 8)
  })

  it('says what repeats say that differ by one number, or not at all', () => {
    expect(pairedDifference([2, 3], [1, 2])).toMatchObject({ mean: 1, half: 0, p: 0 })
    expect(pairedDifference([2, 3], [2, 3])).toMatchObject({ mean: 0, p: 1 })
    expect(pairedDifference([2], [1])).toEqual({ mean: 1, count: 1 })
  })
})

it('corrects for many comparisons as Holm does', () => {
  expect(holm([0.01, 0.04, 0.03, 0.005]).map((p) => Number(p.toFixed(6)))).toEqual([0.03, 0.06, 0.06, 0.02])
  expect(holm([0.6, 0.7])).toEqual([1, 1])
  expect(holm([])).toEqual([])
})
