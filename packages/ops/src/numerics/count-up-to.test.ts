import * as tf from '@tensorflow/tfjs-core'
import { Random } from '@metric-learning/contracts'
import { describe, expect, it } from 'vitest'
import { countUpTo } from './count-up-to.js'

describe('countUpTo', () => {
  it.each([1, 2, 3, 7, 8, 9])('counts in rows of %d numbers, ties included', (columns) => {
    const random = new Random(columns)
    const rows = Array.from({ length: 4 }, () => Array.from({ length: columns }, () => random.int(6)).sort())
    const values = Array.from({ length: 4 }, () => [-1, 0, 1.5, 3, 5, 9])
    const wanted = values.map((list, row) => list.map((value) => rows[row]!.filter((number) => number <= value).length))
    expect(countUpTo(tf.tensor2d(rows, [4, columns], 'float32'), tf.tensor2d(values)).arraySync()).toEqual(wanted)
  })
})
