import { describe, expect, it } from 'vitest'
import { thinRows } from './thin-rows.js'

describe('thinRows', () => {
  it('keeps all when there are few', () => {
    expect([...thinRows(3, 3)]).toEqual([0, 1, 2])
    expect([...thinRows(2, 5)]).toEqual([0, 1])
  })

  it('spreads evenly', () => {
    expect([...thinRows(10, 4)]).toEqual([0, 2, 5, 7])
    expect(new Set(thinRows(1001, 1000)).size).toBe(1000)
  })
})
