import * as tf from '@tensorflow/tfjs-core'
import { Random } from '@metric-learning/contracts'
import { describe, expect, it } from 'vitest'
import { nearestNeighbours } from './nearest-neighbours.js'

describe('nearestNeighbours', () => {
  it('equals sorting all distances, and leaves no tensor behind', async () => {
    const random = new Random(3)
    const rows = Array.from({ length: 50 }, () => [random.normal(), random.normal(), random.normal()].map(Math.fround))
    const sorted = (query: number) => rows
      .map((row, index) => ({ row: index, distance: Math.hypot(...row.map((value, i) => value - rows[query]![i]!)) }))
      .filter(({ row }) => row !== query)
      .sort((a, b) => a.distance - b.distance)
      .slice(0, 9)
    const tensors = tf.memory().numTensors
    const all = await nearestNeighbours(rows.flat(), 3, 9)
    expect(all.map((found) => found.rows)).toEqual(rows.map((_, query) => sorted(query).map(({ row }) => row)))
    const [found] = await nearestNeighbours(rows.flat(), 3, 9, [7])
    expect(found).toEqual(all[7])
    sorted(7).forEach(({ distance }, i) => {
      expect(found!.distances[i]).toBeCloseTo(distance, 12)
    })
    expect(tf.memory().numTensors).toBe(tensors)
  })

  it('puts the earlier of equals first and never more than there are', async () => {
    expect((await nearestNeighbours([0, 1, 1, -1, 5], 1, 3, [0]))[0]!.rows).toEqual([1, 2, 3])
    expect(await nearestNeighbours([0, 1], 1, 8, [0])).toEqual([{ rows: [1], distances: [1] }])
    expect(await nearestNeighbours([0], 1, 8, [0])).toEqual([{ rows: [], distances: [] }])
  })
})
