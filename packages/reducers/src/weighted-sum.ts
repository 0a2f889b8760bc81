import * as tf from '@tensorflow/tfjs-core'
import { mulNoNan } from '@metric-learning/ops'

/**
 * Σ w v over all entries: float32 []. An entry of weight 0 never counts, whatever its value.
 *
 * @param weights of the same shape, not negative; constants: no gradient flows here
 */
export function weightedSum(values: tf.Tensor, weights: tf.Tensor): tf.Scalar {
  const sum = tf.customGrad((entries, save) => {
    ;(save as tf.GradSaveFunc)([weights])
    return { value: tf.sum(mulNoNan(entries as tf.Tensor, weights)), gradFunc: (dy, [counts]) => tf.mul(counts!, dy) }
  })
  return sum(values) as tf.Scalar
}
