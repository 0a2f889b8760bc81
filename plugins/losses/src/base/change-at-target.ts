import * as tf from '@tensorflow/tfjs-core'
import { sumOver } from '@metric-learning/ops'

/**
 * Replaces what is at the class of each embedding.
 *
 * @param values float32 [n, classes]
 * @param isTarget 1 at the class of each embedding, else 0: float32 [n, classes]; a constant
 * @param change from the old values, float32 [n, 1], to the new ones
 */
export function changeAtTarget(
  values: tf.Tensor2D,
  isTarget: tf.Tensor2D,
  change: (target: tf.Tensor2D) => tf.Tensor2D,
): tf.Tensor2D {
  const target = sumOver<tf.Tensor2D>(tf.mul(values, isTarget), 1, true)
  return tf.add(values, tf.mul(isTarget, tf.sub(change(target), target)))
}
