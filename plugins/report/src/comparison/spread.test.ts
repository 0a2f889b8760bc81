import { expect, it } from 'vitest'
import { spreadOf } from './spread.js'

it('is mean and standard deviation of a sample; a single figure has none', () => {
  expect(spreadOf([1, 2, 6])).toEqual({ mean: 3, deviation: Math.sqrt(7), count: 3 })
  expect(spreadOf([4])).toEqual({ mean: 4, count: 1 })
  expect(spreadOf([])).toBeUndefined()
})
