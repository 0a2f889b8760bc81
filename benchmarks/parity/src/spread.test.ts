import { expect, it } from 'vitest'
import { spreadOf } from './spread.js'

it('gives mean and sample standard deviation', () => {
  expect(spreadOf([1, 2, 6])).toEqual({ mean: 3, deviation: Math.sqrt(7) })
  expect(spreadOf([4])).toEqual({ mean: 4, deviation: 0 })
})
