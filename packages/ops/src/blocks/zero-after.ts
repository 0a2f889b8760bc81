import * as tf from '@tensorflow/tfjs-core'

/**
 * A zero that is there once all of `results` are: float32 []. Added to what a next block starts from, it keeps a graph,
 * which runs whatever is ready, from having all blocks in memory at once.
 */
export function zeroAfter(results: readonly tf.Tensor[]): tf.Scalar {
  const marks = tf.concat(results.map((result) => tf.slice(tf.reshape<tf.Rank.R1>(result, [-1]), 0, 1)))
  return tf.sum(tf.cast(tf.less(marks, marks), 'float32'))
}

/** The same values once a {@link zeroAfter} is there; at once where it is undefined. */
export function startingAfter<T extends tf.Tensor>(x: T, zero: tf.Scalar | undefined): T {
  if (zero === undefined) return x
  return tf.add(x, tf.cast(zero, x.dtype))
}
