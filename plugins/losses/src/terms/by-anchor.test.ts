import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { byAnchor, constant, shared } from './by-anchor.js'

const distances = tf.tensor2d([[1, 2], [3, 4], [5, 6]])
const mask = tf.tensor2d([[1, 0], [1, 1], [0, 1]])
const mean = tf.scalar(2)

describe('byAnchor', () => {
  it('hands each operand over by its name', () => {
    const values = byAnchor({ d: distances, positives: constant(mask), mean: shared(mean) }, ({ d, positives, mean: m }) =>
      tf.sum(tf.mul(tf.sub(d, m), positives), 1),
    )
    expect(values.arraySync()).toEqual([-1, 3, 4])
  })

  it('has gradients for plain and shared operands', () => {
    const f = (d: tf.Tensor, m: tf.Tensor) => tf.sum(byAnchor({ d, mean: shared(m) }, (all) => tf.sum(tf.mul(all.d, all.mean), 1)))
    const [ofDistances, ofMean] = tf.grads(f)([distances, mean])
    expect(ofDistances!.arraySync()).toEqual([[2, 2], [2, 2], [2, 2]])
    expect(ofMean!.arraySync()).toBe(21)
  })
})
