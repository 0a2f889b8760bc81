import * as tf from '@tensorflow/tfjs-core'
import { gatherColumns } from '../selections/convert-selection.js'

/**
 * How many numbers of an ascending row are at most a value, which is the column of the first one above it: int32 [n, t], in [0, m].
 * By halving, since `tf.searchSorted` is not on every backend.
 *
 * @param ascending float32 [n, m], each row in ascending order
 * @param values float32 [n, t]
 */
export function countUpTo(ascending: tf.Tensor2D, values: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => {
    const columns = ascending.shape[1]
    const last = tf.scalar(columns - 1, 'int32')
    let count: tf.Tensor2D = tf.zerosLike(tf.cast(values, 'int32'))
    for (let step = 2 ** Math.floor(Math.log2(columns)); step >= 1; step /= 2) {
      const next = tf.add<tf.Tensor2D>(count, tf.scalar(step, 'int32'))
      const at = tf.minimum<tf.Tensor2D>(tf.sub(next, tf.scalar(1, 'int32')), last)
      const isReached = tf.logicalAnd(tf.lessEqual(gatherColumns(ascending, at), values), tf.lessEqual(next, tf.scalar(columns, 'int32')))
      count = tf.where(isReached, next, count) as tf.Tensor2D
    }
    return count
  })
}
