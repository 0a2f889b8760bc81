import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { SNRDistance } from './snr-distance.js'

const raw = new SNRDistance({ normalizeEmbeddings: false })

describe('SNRDistance', () => {
  it('is the variance of the difference over that of the query', () => {
    const [x, y] = [tf.tensor2d([[1, 2, 6]]), tf.tensor2d([[2, 2, 2], [11, 12, 16]])]
    // var(1, 2, 6) = 7; the differences (-1, 0, 4) have the same, (-10, -10, -10) have none.
    const [one, none] = raw.matrix(x, y).dataSync()
    expect(one).toBeCloseTo(1, 6)
    expect(none).toBe(0)
    expect(raw.matrix(tf.tensor2d([[2, 4, 12]]), y).arraySync()[0]![0]).toBeCloseTo(1, 6)
    expect(raw.pairwiseDistance(x, tf.tensor2d([[0, 0, 1]])).arraySync()[0]).toBeCloseTo(13 / 3 / 7, 6)
  })

  it('is at exactly 0 from equal rows, also from those without variance, with finite gradients', () => {
    const x = tf.tensor2d([[0, 0, 0], [0, 0, 0], [1, 2, 6]])
    const matrix = new SNRDistance().matrix(x).arraySync()
    expect([matrix[0]![0], matrix[0]![1], matrix[2]![2]]).toEqual([0, 0, 0])
    expect(matrix[0]![2]).toBe(Infinity)
    const gradient = tf.grad((rows: tf.Tensor) => tf.sum(new SNRDistance().matrix(rows as tf.Tensor2D)))(x)
    expect(gradient.dataSync().every(Number.isFinite)).toBe(true)
  })

  it('does not hide a NaN', () => {
    expect(raw.matrix(tf.tensor2d([[NaN, 1, 2]])).arraySync()[0]![0]).toBeNaN()
  })

  it('wants two coordinates', () => {
    expect(() => raw.matrix(tf.ones([3, 1]))).toThrow('embeddings of at least 2 coordinates, got 1')
  })
})
