import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { resolvent } from './resolvent.js'

// Eigenvalues 1, 0 and -0.5.
const walk = tf.tensor2d([[0, 0.5, 0.5], [0.5, 0.25, 0.25], [0.5, 0.25, 0.25]])

describe('resolvent', () => {
  it.each([0, 0.3, 0.8, 0.99])('inverts I - alpha S at alpha = %d', (alpha) => {
    const inverse = tf.div<tf.Tensor2D>(resolvent(walk, alpha), 1 - alpha)
    const product = tf.matMul(inverse, tf.sub<tf.Tensor2D>(tf.eye(3), tf.mul(walk, alpha)))
    product.dataSync().forEach((value, i) => expect(value).toBeCloseTo(i % 4 === 0 ? 1 : 0, 4))
  })

  it('keeps the sum of rows of a random walk', () => {
    expect(Array.from(tf.sum(resolvent(walk, 0.9), 1).dataSync(), (sum) => Math.round(sum * 1e4))).toEqual([1e4, 1e4, 1e4])
  })

  it('has the gradient that finite differences give', () => {
    const of = tf.tensor2d([[1, -2, 0], [3, 1, 1], [0, 2, -1]])
    const f = (matrix: tf.Tensor) => tf.sum<tf.Scalar>(tf.mul(resolvent(matrix as tf.Tensor2D, 0.5), of))
    const analytic = tf.grad(f)(walk).dataSync()
    analytic.forEach((slope, i) => {
      const step = tf.tensor2d(Array.from({ length: 9 }, (_, j) => (i === j ? 1e-2 : 0)), [3, 3])
      const numeric = (f(tf.add(walk, step)).arraySync() - f(tf.sub(walk, step)).arraySync()) / 2e-2
      expect(Math.abs(slope - numeric)).toBeLessThan(1e-3)
    })
  })
})
