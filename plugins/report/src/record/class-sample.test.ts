import { describe, expect, it } from 'vitest'
import { classSample } from './class-sample.js'

const labels = Int32Array.from({ length: 100 }, (_, row) => row % 20)

describe('classSample', () => {
  it('keeps all rows that fit', () => {
    expect(classSample(labels, 100)).toEqual(Array.from(labels.keys()))
  })

  it('keeps whole classes, in ascending order of rows', () => {
    const rows = classSample(labels, 25)
    expect(rows).toEqual([...rows].sort((a, b) => a - b))
    const counts = new Map<number, number>()
    for (const row of rows) counts.set(labels[row]!, (counts.get(labels[row]!) ?? 0) + 1)
    expect([...counts.values()]).toEqual([5, 5, 5, 5, 5])
  })

  it('cuts a class larger than the limit, and draws the same again', () => {
    expect(classSample(new Int32Array(50), 7)).toEqual([0, 1, 2, 3, 4, 5, 6])
    expect(classSample(labels, 33)).toHaveLength(33)
    expect(classSample(labels, 33)).toEqual(classSample(labels, 33))
  })
})
