import * as tf from '@tensorflow/tfjs-core'
import { logOfZero } from '@metric-learning/ops'

/**
 * log(exp(column_i) + exp(row_j)), where {@link logOfZero} stands for the logarithm of 0: float32 [n, m]. Where both are
 * that it is 0.
 *
 * @param column float32 [n, 1]
 * @param row float32 [1, m]
 */
export function logAddExp(column: tf.Tensor2D, row: tf.Tensor2D): tf.Tensor2D {
  const sum = tf.customGrad((a, b, save) => {
    const [ofRows, ofColumns] = [a as tf.Tensor2D, b as tf.Tensor2D]
    const difference = tf.sub(ofRows, ofColumns)
    const larger = tf.maximum(ofRows, ofColumns)
    const value = tf.add(larger, tf.log1p(tf.exp(tf.neg(tf.abs(difference)))))
    ;(save as tf.GradSaveFunc)([difference])
    return {
      value: tf.mul(value, tf.cast(tf.greater(larger, logOfZero / 2), 'float32')),
      gradFunc: (dy, [of]) => {
        const share = tf.mul(dy, tf.sigmoid(of!))
        return [tf.sum(share, 1, true), tf.sum(tf.sub(dy, share), 0, true)]
      },
    }
  })
  return sum(column, row) as tf.Tensor2D
}
