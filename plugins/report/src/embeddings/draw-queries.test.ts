import { Random } from '@metric-learning/contracts'
import { describe, expect, it } from 'vitest'
import { drawQueries } from './draw-queries.js'

const labels = [0, 0, 1, 2, 2, 2, 3, 3]

describe('drawQueries', () => {
  it('draws one sample of each class, none of classes that have but one', () => {
    const queries = drawQueries(labels, 10, new Random(0))
    expect(queries.map(({ label }) => label).sort()).toEqual([0, 2, 3])
    for (const { label, index } of queries) expect(labels[index]).toBe(label)
  })

  it('draws the same from the same seed, and fewer classes are the beginning of more', () => {
    expect(drawQueries(labels, 3, new Random(5))).toEqual(drawQueries(labels, 3, new Random(5)))
    const classes = (count: number) => drawQueries(labels, count, new Random(5)).map(({ label }) => label)
    expect(classes(2)).toEqual(classes(3).slice(0, 2))
  })
})
