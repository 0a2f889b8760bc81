import { Random } from '@metric-learning/contracts'
import { describe, expect, it } from 'vitest'
import { kaimingNormal, kaimingUniform, standardNormal, uniform } from './weight-init.js'

const shape = [50, 200] as const
const meanSquare = (values: Float32Array) => values.reduce((sum, value) => sum + value ** 2, 0) / values.length
const largest = (values: Float32Array) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)

describe('initial weights', () => {
  it('have the variance that is written', () => {
    expect(meanSquare(standardNormal(shape, new Random(1)))).toBeCloseTo(1, 1)
    expect(meanSquare(kaimingNormal(shape, new Random(1))) * 25).toBeCloseTo(1, 1)
    expect(meanSquare(uniform(shape, new Random(1)))).toBeCloseTo(1 / 3, 1)
    expect(meanSquare(kaimingUniform(shape, new Random(1))) * 600).toBeCloseTo(1, 1)
  })

  it('keep within their bounds, and repeat with the seed', () => {
    expect(largest(kaimingUniform(shape, new Random(2)))).toBeLessThanOrEqual(Math.fround(1 / Math.sqrt(200)))
    expect(uniform(shape, new Random(3))).toEqual(uniform(shape, new Random(3)))
  })
})
