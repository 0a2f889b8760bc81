import * as tf from '@tensorflow/tfjs-core'
import { valueBeside } from '../blocks/map-row-blocks.js'
import { divNoNan } from './no-nan.js'

/** Options of {@link logSumExp}. */
export interface LogSumExpOptions {
  /** Adds exp(0) = 1 to the sum. Default false. */
  readonly addOne?: boolean
  /** What a sum over nothing gives, with gradient 0. Default 0; {@link logOfZero} where exp of it has to vanish. */
  readonly ofNone?: number
}

/** Below any exponent that occurs, and yet finite: exp(logOfZero - x) is 0 for every such x. */
export const logOfZero = -1e30

/**
 * log Σ_j w_j exp(x_j) over the last axis, which vanishes: of [n, m] it is float32 [n].
 *
 * Stable for any exponents; entries of weight 0 take no part, whatever their value. Its gradient is
 * the weighted softmax. PyTorch Metric Learning's `logsumexp` with its `keep_mask`.
 *
 * @param x exponents
 * @param weights not negative, of a shape that broadcasts to that of `x`; constants
 */
export function logSumExp(x: tf.Tensor, weights: tf.Tensor, options: LogSumExpOptions = {}): tf.Tensor {
  const { addOne = false, ofNone = 0 } = options
  const f = tf.customGrad((exponents, save) => {
    const kept = tf.where(tf.greater(weights, 0), exponents as tf.Tensor, valueBeside(exponents as tf.Tensor, logOfZero))
    const largest = tf.max(kept, -1, true)
    const shift = addOne ? tf.maximum(largest, 0) : largest
    const terms = tf.mul(weights, tf.exp(tf.sub(kept, shift)))
    const sum = tf.sum(terms, -1, true)
    const total = addOne ? tf.add(sum, tf.exp(tf.neg(shift))) : sum
    ;(save as tf.GradSaveFunc)([terms, total])
    const value = tf.where(tf.notEqual(total, 0), tf.add(shift, tf.log(total)), ofNone)
    return {
      value: tf.squeeze(value, [value.rank - 1]),
      gradFunc: (dy, [of, by]) => tf.mul(of!, divNoNan(tf.expandDims(dy, -1), by!)),
    }
  })
  return f(x)
}
