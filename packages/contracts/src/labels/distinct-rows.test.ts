import { expect, it } from 'vitest'
import { DistinctRows } from './distinct-rows.js'

it('DistinctRows numbers rows as they come, equal ones alike', () => {
  const distinct = new DistinctRows([[1, 2], [1, 12], [1, 2]])
  expect(distinct.rows).toEqual([[1, 2], [1, 12]])
  expect([[1, 12], [11, 2], [1, 2], [11, 2]].map((row) => distinct.numberOf(row))).toEqual([1, 2, 0, 2])
  expect(distinct.rows).toEqual([[1, 2], [1, 12], [11, 2]])
})
