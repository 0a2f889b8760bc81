import * as tf from '@tensorflow/tfjs-core'
import type { LossTerm } from '@metric-learning/contracts'

/**
 * A term with a value for each embedding (or for each class, then with `classes`).
 *
 * @param values float32 [n]
 * @param weights how often each counts, float32 [n]: constants. Default: once
 */
export function overElements(values: tf.Tensor, weights: tf.Tensor = tf.ones(values.shape)): LossTerm {
  return { over: 'element', values, weights }
}

/** A term that is one number already: float32 []. */
export const reduced = (values: tf.Tensor): LossTerm => ({ over: 'reduced', values })

/** Values times how much each embedding matters, where a selection says so: float32 [n]. */
export const weighed = (values: tf.Tensor, elementWeights: tf.Tensor1D | undefined): tf.Tensor =>
  elementWeights ? tf.mul(values, elementWeights) : values
