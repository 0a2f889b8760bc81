import { describe, expect, it } from 'vitest'
import { isOnePoint } from './is-one-point.js'

const rows = (...values: readonly (readonly number[])[]) => ({ embeddings: Float32Array.from(values.flat()), dim: values[0]!.length })

describe('isOnePoint', () => {
  it('is true of rows that differ by roundings at most, in all matrices', () => {
    expect(isOnePoint(rows([0.6, 0.8], [0.6, 0.8], [0.6, 0.8000001]))).toBe(true)
    expect(isOnePoint(rows([0, 0], [0, 0]))).toBe(true)
    expect(isOnePoint(rows([0.6, 0.8]), rows([0.6, 0.8]))).toBe(true)
  })

  it('is false where one row differs, and of one row alone', () => {
    expect(isOnePoint(rows([0.6, 0.8], [0.6, 0.8], [0.6, 0.80001]))).toBe(false)
    expect(isOnePoint(rows([0.6, 0.8], [0.6, 0.8]), rows([0.8, 0.6]))).toBe(false)
    expect(isOnePoint(rows([0, 0], [0, 1e-20]))).toBe(false)
    expect(isOnePoint(rows([0.6, 0.8]))).toBe(false)
  })
})
