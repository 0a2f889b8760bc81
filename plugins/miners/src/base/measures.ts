import * as tf from '@tensorflow/tfjs-core'
import { unreachable } from './extreme.js'

/** The weighted mean of values, 0 of none: float32 []. */
export const meanOf = (values: tf.Tensor, weights: tf.Tensor): tf.Scalar => tf.divNoNan(tf.sum(tf.mul(values, weights)), tf.sum(weights))

/** The largest value with a weight above 0, 0 where there is none: float32 []. */
export function largest(values: tf.Tensor, weights: tf.Tensor): tf.Scalar {
  const found = tf.max<tf.Scalar>(tf.where(tf.greater(weights, 0), values, -unreachable))
  return tf.where(tf.greater(found, -unreachable), found, 0) as tf.Scalar
}

/** The smallest one likewise. */
export const smallest = (values: tf.Tensor, weights: tf.Tensor): tf.Scalar => tf.sub(0, largest(tf.neg(values), weights))
