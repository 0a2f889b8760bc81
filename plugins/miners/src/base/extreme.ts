import * as tf from '@tensorflow/tfjs-core'
import { gatherColumns, valueBeside } from '@metric-learning/ops'

/** One reference of each anchor. */
export interface Extreme {
  /** Its row: int32 [n, 1]; any where there is none. */
  readonly index: tf.Tensor2D
  /** Its value; beyond any other where there is none: float32 [n, 1]. */
  readonly value: tf.Tensor2D
  /** 1, and 0 where an anchor has none: float32 [n, 1]. */
  readonly exists: tf.Tensor2D
}

/** Beyond any distance, similarity, angle or logarithm of a weight: stands in for "there is none". */
export const unreachable = 1e30

/** The largest value of each row among those with a mask above 0, the first of equals. */
export function largestOf(values: tf.Tensor2D, mask: tf.Tensor2D): Extreme {
  const among = tf.where(tf.greater<tf.Tensor>(mask, 0), values as tf.Tensor, valueBeside(values, -unreachable)) as tf.Tensor2D
  const index = tf.expandDims(tf.argMax<tf.Tensor1D>(among, 1), 1) as tf.Tensor2D
  const value = gatherColumns(among, index)
  return { index, value, exists: tf.cast(tf.greater<tf.Tensor2D>(value, -unreachable), 'float32') }
}

/** The smallest value of each row among those with a mask above 0, the first of equals. */
export function smallestOf(values: tf.Tensor2D, mask: tf.Tensor2D): Extreme {
  const { value, ...extreme } = largestOf(tf.neg(values), mask)
  return { ...extreme, value: tf.neg<tf.Tensor2D>(value) }
}

/** 1 at the reference of each anchor, if it has one, else 0: float32 [n, m]. */
export function atExtreme({ index, exists }: Extreme, referenceCount: number): tf.Tensor2D {
  return tf.mul(tf.cast(tf.equal(tf.range(0, referenceCount, 1, 'int32'), index), 'float32'), exists)
}
