import * as tf from '@tensorflow/tfjs-core'
import { logOfZero } from '@metric-learning/ops'
import { describe, expect, it } from 'vitest'
import { logAddExp } from './log-add-exp.js'

const column = tf.tensor2d([[0], [500], [logOfZero]])
const row = tf.tensor2d([[1, 499, logOfZero]])

describe('logAddExp', () => {
  it('is the logarithm of the sum of exponentials, of nothing 0', () => {
    const near = Math.log1p(Math.exp(-1))
    const wanted = [
      [1 + near, 499, 0],
      [500, 500 + near, 500],
      [1, 499, 0],
    ]
    logAddExp(column, row).arraySync().forEach((values, i) => values.forEach((value, j) => expect(value).toBeCloseTo(wanted[i]![j]!, 4)))
  })

  it('shares the gradient by the exponentials', () => {
    const [ofColumn, ofRow] = tf.grads((a: tf.Tensor, b: tf.Tensor) => tf.sum(logAddExp(a as tf.Tensor2D, b as tf.Tensor2D)))([column, row])
    const share = 1 / (1 + Math.exp(-1))
    // Row 0: of (0, 1), (0, 499), (0, logOfZero); row 1: of (500, 1), (500, 499), (500, logOfZero).
    expect([...ofColumn!.dataSync()].slice(0, 2).map((value) => Number(value.toFixed(4)))).toEqual([1 - share + 1, 2 + share].map((value) => Number(value.toFixed(4))))
    expect(ofRow!.dataSync().slice(0, 2).every(Number.isFinite)).toBe(true)
  })
})
