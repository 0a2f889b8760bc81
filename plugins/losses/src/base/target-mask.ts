import * as tf from '@tensorflow/tfjs-core'

/**
 * 1 at the class of each row, else 0: float32 [n, classes]. (`tf.oneHot` refuses a single class.)
 *
 * @param labels int32 [n], in [0, classes)
 */
export function targetMask(labels: tf.Tensor1D, classes: number): tf.Tensor2D {
  return tf.cast(tf.equal(tf.expandDims(labels, 1), tf.range(0, classes, 1, 'int32')), 'float32') as tf.Tensor2D
}
