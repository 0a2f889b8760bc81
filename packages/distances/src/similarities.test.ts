import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { CosineSimilarity } from './cosine-similarity.js'
import { DotProductSimilarity } from './dot-product-similarity.js'

const x = tf.tensor2d([[3, 4], [0, 2]])

describe('CosineSimilarity', () => {
  it('is the cosine', () => {
    const matrix = new CosineSimilarity().matrix(x).arraySync()
    expect(matrix[0]![1]).toBeCloseTo(0.8, 6)
    expect(matrix[1]![1]).toBeCloseTo(1, 6)
  })

  it('counts larger as closer', () => {
    const cosine = new CosineSimilarity()
    const [a, b] = [tf.scalar(0.9), tf.scalar(0.5)]
    expect(cosine.closest(a, b).arraySync()).toBe(a.arraySync())
    expect(cosine.farthest(a, b).arraySync()).toBe(b.arraySync())
    expect(cosine.margin(1, 0).arraySync()).toBe(-1)
    expect(cosine.closestAlong(tf.tensor2d([[1, 3, 3]]), 1).indices.arraySync()).toEqual([1])
  })

  it('has gradients where the closer of two broadcasts', () => {
    const gradient = tf.grad((x: tf.Tensor) => tf.sum(new CosineSimilarity().closest(x, tf.tensor2d([[1, 2], [5, 6]]))))
    expect(gradient(tf.tensor2d([[3, 4]])).arraySync()).toEqual([[1, 1]])
  })

  it('refuses to be told whether to normalise', () => {
    expect(() => new CosineSimilarity({ normalizeEmbeddings: false } as never)).toThrow('got `normalizeEmbeddings`')
  })
})

describe('DotProductSimilarity', () => {
  it('is the plain dot product when asked not to normalise', () => {
    expect(new DotProductSimilarity({ normalizeEmbeddings: false }).matrix(x).arraySync()).toEqual([[25, 8], [8, 4]])
    expect(new DotProductSimilarity().matrix(x).arraySync()[0]![1]).toBeCloseTo(0.8, 6)
  })
})
