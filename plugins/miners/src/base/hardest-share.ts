import * as tf from '@tensorflow/tfjs-core'
import { bincount, type FormulaNumber } from '@metric-learning/ops'
import { unreachable } from './extreme.js'

/** Bins of each of two rounds: what is left of the range is below the precision of float32. */
const bins = 16384

/**
 * Of weighted values the share with the largest values: their weights, ⌈share · Σ weights⌉ in all, and 0 elsewhere. Values that tie with
 * the last one share what is left for them. Without sorting: the last one is found in the histogram of all, then in that of its bin.
 *
 * @param weights how often each value is there, of the shape of `values`
 * @param share in (0, 1]
 */
export function hardestShare(values: tf.Tensor2D, weights: tf.Tensor2D, share: FormulaNumber): tf.Tensor2D {
  return tf.tidy(() => {
    // Less by what rounding may have added, which would count as one more.
    const wanted = tf.ceil(tf.mul(total(weights), tf.mul(share, 1 - 1e-6)))
    const whole = tf.tidy(() => rangeOf(values, tf.greater(weights, 0)))
    const last = binOfLast(values, weights, wanted, binOfLast(values, weights, wanted, whole)).least
    const weightsWhere = (condition: tf.Tensor) => tf.mul<tf.Tensor2D>(weights, tf.cast(condition, 'float32'))
    const [harder, tied] = [weightsWhere(tf.greater(values, last)), weightsWhere(tf.equal(values, last))]
    const left = tf.maximum(tf.sub(wanted, total(harder)), 0)
    return tf.add<tf.Tensor2D>(harder, tf.mul(tied, tf.divNoNan(left, total(tied))))
  })
}

/** Smallest and largest of some values: float32 [] each. */
interface Range extends tf.TensorContainerObject {
  readonly least: tf.Tensor
  readonly most: tf.Tensor
}

const rangeOf = (values: tf.Tensor, isAmong: tf.Tensor): Range => ({
  least: tf.min(tf.where(isAmong, values, unreachable)),
  most: tf.max(tf.where(isAmong, values, -unreachable)),
})

/** The values in the bin, of a histogram of those in a range, down to which as much weight as is wanted comes together. */
function binOfLast(values: tf.Tensor2D, weights: tf.Tensor2D, wanted: tf.Tensor, { least, most }: Range): Range {
  return tf.tidy(() => {
    const isWithin = tf.logicalAnd(tf.logicalAnd(tf.greaterEqual(values, least), tf.lessEqual(values, most)), tf.greater(weights, 0))
    const within = tf.mul(weights, tf.cast(isWithin, 'float32'))
    const above = total(tf.mul<tf.Tensor2D>(weights, tf.cast(tf.greater(values, most), 'float32')))
    const rate = tf.divNoNan(bins, tf.sub(most, least))
    const bin = tf.cast(tf.clipByValue(tf.mul(tf.sub(values, least), rate), 0, bins - 1), 'int32')
    const counts = bincount(tf.reshape(bin, [-1]), tf.reshape(within, [-1]), bins)
    const downTo = tf.add(tf.cumsum(counts, 0, false, true), above)
    const last = tf.sub(tf.sum(tf.cast(tf.greaterEqual(downTo, wanted), 'int32')), tf.scalar(1, 'int32'))
    return rangeOf(values, tf.logicalAnd(isWithin, tf.equal(bin, last)))
  })
}

/** Rows first: sums of one number after the other lose the last ones beyond 2^24. */
const total = (weights: tf.Tensor2D): tf.Tensor => tf.sum(tf.sum(weights, 1))
