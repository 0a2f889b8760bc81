import * as tf from '@tensorflow/tfjs-core'
import type { FormulaNumber } from '@metric-learning/ops'

/** Halvings of the range of the values: what is left of it is below the precision of float32. */
const halvings = 26

/** Beyond any distance or similarity: stands in for "there is none". */
const unreachable = 1e30

/**
 * Of weighted values the share with the largest values: their weights, ⌈share · Σ weights⌉ in all, and 0 elsewhere. Values that tie with
 * the last one share what is left for them. Without sorting: the bound is found by halving the range.
 *
 * @param weights how often each value is there, of the shape of `values`
 * @param share in (0, 1]
 */
export function hardestShare(values: tf.Tensor2D, weights: tf.Tensor2D, share: FormulaNumber): tf.Tensor2D {
  const isThere = tf.greater(weights, 0)
  const weightsWhere = (condition: tf.Tensor) => tf.mul<tf.Tensor2D>(weights, tf.cast(condition, 'float32'))
  // Rows first: sums of one number after the other lose the last ones beyond 2^24.
  const sum = (of: tf.Tensor2D) => tf.sum(tf.sum(of, 1))
  // Less by what rounding may have added, which would count as one more.
  const wanted = tf.ceil(tf.mul(sum(weights), tf.mul(share, 1 - 1e-6)))
  let low = tf.min(tf.where(isThere, values, unreachable))
  let high = tf.max(tf.where(isThere, values, -unreachable))
  for (let i = 0; i < halvings; i++) {
    const middle = tf.mul(tf.add(low, high), 0.5)
    const isEnough = tf.greaterEqual(sum(weightsWhere(tf.greaterEqual(values, middle))), wanted)
    ;[low, high] = [tf.where(isEnough, middle, low), tf.where(isEnough, high, middle)]
  }
  const last = tf.min(tf.where(tf.logicalAnd(isThere, tf.greaterEqual(values, low)), values, unreachable))
  const [harder, tied] = [weightsWhere(tf.greater(values, last)), weightsWhere(tf.equal(values, last))]
  return tf.add(harder, tf.mul(tied, tf.divNoNan(tf.sub(wanted, sum(harder)), sum(tied))))
}
