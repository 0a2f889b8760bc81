import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { logOfZero, logSumExp } from './log-sum-exp.js'

describe('logSumExp', () => {
  it('counts an entry as often as its weight says', () => {
    const x = tf.tensor2d([[0, 1, 50]])
    expect(logSumExp(x, tf.tensor2d([[2, 1, 0]])).arraySync()).toEqual([expect.closeTo(Math.log(2 + Math.E), 6)])
  })

  it('gives what is asked for a sum over nothing, with gradient 0', () => {
    const f = (x: tf.Tensor) => logSumExp(x, tf.zerosLike(tf.ones([1, 2])), { ofNone: logOfZero })
    expect(f(tf.tensor2d([[1, 2]])).arraySync()).toEqual([expect.closeTo(logOfZero, -25)])
    expect(tf.grad(f)(tf.tensor2d([[1, NaN]])).arraySync()).toEqual([[0, 0]])
  })

  it('shows a NaN that takes part', () => {
    expect(logSumExp(tf.tensor2d([[1, NaN]]), tf.ones([1, 2])).arraySync()).toEqual([NaN])
  })
})
