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

  it('passes over what is not there', () => {
    const values = byAnchor({ d: distances, mean: undefined }, ({ d, mean: m }) => tf.sum(m ? tf.sub(d, m) : d, 1))
    expect(values.arraySync()).toEqual([3, 7, 11])
  })

  it('refuses a formula that uses a tensor from outside, which only large batches would find gone', () => {
    const gradient = (f: (d: tf.Tensor) => tf.Tensor) => () => tf.grad((d: tf.Tensor) => tf.sum(f(d)))(distances)
    const outside = gradient((d) => {
      const half = tf.mean(d)
      return byAnchor({ d }, (all) => tf.sum(tf.sub(all.d, half), 1))
    })
    expect(outside).toThrow('A formula: wanted no tensors but its operands, and variables, got one of shape [] from outside')
    const limit = tf.variable(tf.scalar(2))
    expect(gradient((d) => byAnchor({ d, half: shared(tf.mean(d)) }, (all) => tf.sum(tf.mul(tf.sub(all.d, all.half), limit), 1)))).not.toThrow()
    limit.dispose()
  })

  it('wants an operand with a row an anchor', () => {
    expect(() => byAnchor({ mean: shared(mean) }, (all) => all.mean)).toThrow('an operand with a row an anchor, got mean')
  })
})
