import { Random } from '@metric-learning/contracts'
import { describe, expect, it } from 'vitest'
import { kMeansPlusPlus } from './k-means-plus-plus.js'
import { readyPoints } from './ready-points.js'

const onLine = (...values: number[]) => readyPoints({ values: Float32Array.from(values), rows: values.length, dim: 1 })

describe('kMeansPlusPlus', () => {
  it('draws a point of each group before a second of one', async () => {
    const points = await onLine(...Array.from({ length: 60 }, (_, row) => 1000 * (row % 12) ** 2 + Math.floor(row / 12) / 100))
    for (let seed = 0; seed < 10; seed++) {
      const chosen = await kMeansPlusPlus(points, 12, new Random(seed), 1e6)
      expect(new Set(Array.from(chosen, (row) => row % 12)).size).toBe(12)
    }
    points.dispose()
  })

  it('draws in proportion to squared distances, also within a batch', async () => {
    // Once 0 and 10 are taken, 4 and 9 remain, with squared distances of 16 and 1.
    const points = await onLine(0, 10, 4, 9)
    const counts = { first: 0, all: 0 }
    for (let seed = 0; seed < 3000; seed++) {
      const [a, b, third] = await kMeansPlusPlus(points, 3, new Random(seed), 1e6)
      if (a! + b! !== 1) continue
      counts.all++
      if (third === 2) counts.first++
    }
    expect(counts.all).toBeGreaterThan(500)
    expect(counts.first / counts.all).toBeGreaterThan(0.91)
    expect(counts.first / counts.all).toBeLessThan(0.97)
    points.dispose()
  })

  it('takes each row once, where all are one point, too', async () => {
    for (const points of [await onLine(1, 1, 1, 1, 1), await onLine(1, 1, 1, 2, 2)]) {
      expect([...(await kMeansPlusPlus(points, 5, new Random(1), 1))].sort()).toEqual([0, 1, 2, 3, 4])
      points.dispose()
    }
  })
})
