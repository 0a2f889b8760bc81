import { describe, expect, it } from 'vitest'
import { duplicateGroups } from './duplicate-groups.js'

const matrix = (...rows: number[][]) => ({ values: Float32Array.from(rows.flat()), rows: rows.length, dim: 2 })

describe('duplicateGroups', () => {
  it('numbers rows by content, over both sides', () => {
    const groups = duplicateGroups(matrix([3, 4], [1, 2]), matrix([1, 2], [5, 6], [1, 2]))
    expect(Array.from(groups!.reference)).toEqual([0, 1, 0])
    expect(Array.from(groups!.query)).toEqual([2, 0])
  })

  it('finds none in a set of different rows compared with itself', () => {
    const rows = matrix([1, 2], [2, 1], [1, 3])
    expect(duplicateGroups(rows, rows)).toBeUndefined()
    expect(duplicateGroups(matrix([9, 9]), rows)).toBeUndefined()
  })

  it('takes queries that are the first references for themselves', () => {
    const references = matrix([1, 2], [2, 1], [1, 2])
    const queries = { ...references, values: references.values.subarray(0, 4), rows: 2 }
    expect(Array.from(duplicateGroups(queries, references)!.query)).toEqual([0, 1])
  })
})
