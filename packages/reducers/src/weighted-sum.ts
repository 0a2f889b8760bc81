import * as tf from '@tensorflow/tfjs-core'
import { whereSelected } from './weighted-mean.js'

/**
 * Σ w v over all entries: float32 []. An entry of weight 0 never counts, whatever its value.
 *
 * @param weights of the same shape, not negative; constants: no gradient flows here
 */
export function weightedSum(values: tf.Tensor, weights: tf.Tensor): tf.Scalar {
  return tf.sum<tf.Scalar>(tf.mul(weights, whereSelected(values, weights)))
}
