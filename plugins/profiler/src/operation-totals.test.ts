import { describe, expect, it } from 'vitest'
import { OperationTotals } from './operation-totals.js'

describe('OperationTotals', () => {
  it('adds up calls by type, the longest first', () => {
    const totals = new OperationTotals()
    totals.add('Add', 1)
    totals.add('Conv2D', 4)
    totals.add('Add', 2)
    totals.add('Relu', 1)
    expect(totals.rows()).toEqual([
      { operation: 'Conv2D', count: 1, total: 4, share: 0.5 },
      { operation: 'Add', count: 2, total: 3, share: 0.375 },
      { operation: 'Relu', count: 1, total: 1, share: 0.125 },
    ])
    expect(totals.milliseconds).toBe(8)
    expect(new OperationTotals().rows()).toEqual([])
  })
})
