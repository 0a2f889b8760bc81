import * as tf from '@tensorflow/tfjs-core'

/** Mean over height and width: float32 [n, height, width, channels] → [n, channels]. */
export function globalAveragePool(x: tf.Tensor4D): tf.Tensor2D {
  return tf.mean<tf.Tensor2D>(x, [1, 2])
}
