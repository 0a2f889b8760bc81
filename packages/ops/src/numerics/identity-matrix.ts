import * as tf from '@tensorflow/tfjs-core'

/** 1 where row and column have the same number, else 0: float32 [rows, columns], made on the device, where `tf.eye` uploads it. */
export function identityMatrix(rows: number, columns = rows): tf.Tensor2D {
  const numbers = (count: number) => tf.range(0, count, 1, 'int32')
  return tf.tidy(() => tf.cast(tf.equal(tf.expandDims(numbers(rows), 1), numbers(columns)), 'float32') as tf.Tensor2D)
}
