import { describe, expect, it } from 'vitest'
import { LabelError } from '../errors/metric-learning-error.js'
import { equalAtLevel, sharesLabel } from './label-comparison.js'

describe('sharesLabel', () => {
  it('asks for a label that both have', () => {
    expect(sharesLabel([1, 0, 1], [0, 1, 1])).toBe(true)
    expect(sharesLabel([1, 0, 1], [0, 1, 0])).toBe(false)
    expect(sharesLabel([1], [0])).toBe(false)
  })

  it('refuses numbers of classes, of which it would make one', () => {
    expect(() => sharesLabel([3], [5])).toThrow(LabelError)
    expect(() => sharesLabel([0], [5])).toThrow('got the one number 5')
  })
})

describe('equalAtLevel', () => {
  it('compares one column', () => {
    expect(equalAtLevel(1)([1, 7], [2, 7])).toBe(true)
    expect(equalAtLevel(0)([1, 7], [2, 7])).toBe(false)
  })

  it('refuses rows without it, which would all be equal', () => {
    expect(() => equalAtLevel(1)([3], [5])).toThrow(LabelError)
    expect(() => equalAtLevel(2)([3, 1, 0], [5, 1])).toThrow('wanted rows with a column 2, counted from 0, got one of 2')
  })
})
