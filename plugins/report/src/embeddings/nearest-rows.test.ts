import { Random } from '@metric-learning/contracts'
import { describe, expect, it } from 'vitest'
import { nearestRows } from './nearest-rows.js'

describe('nearestRows', () => {
  it('equals sorting all distances', () => {
    const random = new Random(3)
    const rows = Array.from({ length: 50 }, () => [random.normal(), random.normal(), random.normal()] as const)
    const sorted = rows
      .map((row, index) => ({ row: index, distance: Math.hypot(...row.map((value, i) => value - rows[7]![i]!)) }))
      .filter(({ row }) => row !== 7)
      .sort((a, b) => a.distance - b.distance)
      .slice(0, 9)
    const found = nearestRows(rows.flat(), 3, 7, 9)
    expect(found.map(({ row }) => row)).toEqual(sorted.map(({ row }) => row))
    found.forEach(({ distance }, i) => {
      expect(distance).toBeCloseTo(sorted[i]!.distance, 12)
    })
  })

  it('puts the earlier of equals first and never more than there are', () => {
    expect(nearestRows([0, 1, 1, -1, 5], 1, 0, 3).map(({ row }) => row)).toEqual([1, 2, 3])
    expect(nearestRows([0, 1], 1, 0, 8)).toEqual([{ row: 1, distance: 1 }])
    expect(nearestRows([0], 1, 0, 8)).toEqual([])
  })
})
