import * as tf from '@tensorflow/tfjs-core'
import { mulNoNan } from '@metric-learning/ops'

/**
 * Σ w v / Σ w over all entries: float32 []. It is 0, with gradient 0, when all weights are 0, and
 * an entry of weight 0 never counts, whatever its value.
 *
 * @param weights of the same shape, not negative; constants: no gradient flows here
 */
export function weightedMean(values: tf.Tensor, weights: tf.Tensor): tf.Scalar {
  const mean = tf.customGrad((entries, save) => {
    const total = tf.maximum(tf.sum(weights), 1e-30)
    ;(save as tf.GradSaveFunc)([weights, total])
    return {
      value: tf.div(tf.sum(mulNoNan(entries as tf.Tensor, weights)), total),
      gradFunc: (dy, [counts, divisor]) => tf.mul(counts!, tf.div(dy, divisor!)),
    }
  })
  return mean(values) as tf.Scalar
}

/** The values whose weight is above 0, and 0 elsewhere, even where the value is NaN. */
export function whereSelected(values: tf.Tensor, weights: tf.Tensor): tf.Tensor {
  return tf.where(tf.greater(weights, 0), values, tf.zerosLike(values))
}
