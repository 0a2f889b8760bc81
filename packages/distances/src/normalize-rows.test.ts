import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { normalizeRows } from './normalize-rows.js'

describe('normalizeRows', () => {
  it('divides by the p-norm', () => {
    const x = tf.tensor2d([[3, -4]])
    expect(Array.from(normalizeRows(x, 2).dataSync())).toEqual([Math.fround(0.6), Math.fround(-0.8)])
    expect(Array.from(normalizeRows(x, Infinity).dataSync())).toEqual([0.75, -1])
  })

  it('keeps a zero row at zero, with gradient 0, and a row of norm 1e4 finite', () => {
    const x = tf.tensor2d([[0, 0], [1e4, 1e4]])
    const f = (rows: tf.Tensor) => tf.sum(tf.slice(normalizeRows(rows as tf.Tensor2D, 2), [0, 0], [2, 1]))
    const gradient = tf.grad(f)(x).arraySync() as number[][]
    expect(gradient[0]).toEqual([0, 0])
    expect(gradient[1]![0]! / (0.5 / (1e4 * Math.SQRT2))).toBeCloseTo(1, 5)
  })
})
