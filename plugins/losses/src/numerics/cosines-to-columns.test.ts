import * as tf from '@tensorflow/tfjs-core'
import { CosineSimilarity } from '@metric-learning/distances'
import { describe, expect, it } from 'vitest'
import { cosinesToColumns } from './cosines-to-columns.js'

const x = tf.tensor2d([[1, 2, -1], [0, 0, 0], [3e4, 0, 1e4]])
const w = tf.tensor2d([[1, 0, -2, 0], [2, 0, 1, 1e-3], [-1, 0, 0, 0]])
const dy = tf.tensor2d([[1, -2, 3, 0.5], [2, 1, 1, 1], [-1, 0, 2, 4]])

describe('cosinesToColumns', () => {
  it('gives what CosineSimilarity gives, gradients and zero vectors included', () => {
    const plain = (a: tf.Tensor, b: tf.Tensor) => new CosineSimilarity().matrix(a as tf.Tensor2D, tf.transpose(b as tf.Tensor2D))
    const fast = (a: tf.Tensor, b: tf.Tensor) => cosinesToColumns(a as tf.Tensor2D, b as tf.Tensor2D)
    const expected = [plain(x, w), ...tf.grads((a, b) => tf.sum(tf.mul(plain(a, b), dy)))([x, w])]
    const actual = [fast(x, w), ...tf.grads((a, b) => tf.sum(tf.mul(fast(a, b), dy)))([x, w])]
    actual.forEach((tensor, i) => {
      const wanted = expected[i]!.dataSync()
      const largest = Math.max(...wanted.map(Math.abs))
      tensor.dataSync().forEach((value, at) => expect(Math.abs(value - wanted[at]!)).toBeLessThan(1e-6 * largest))
    })
  })
})
