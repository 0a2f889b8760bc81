import * as tf from '@tensorflow/tfjs-core'
import type { LossTerm } from '@metric-learning/contracts'

/** How values of elements count. */
export interface ElementOptions extends Pick<LossTerm, 'divisor' | 'classes'> {
  /** How often each value counts, float32 [n]: constants. Default: once. */
  readonly weights?: tf.Tensor
}

/**
 * A term with a value for each embedding; or for each class, whose numbers are then `classes`.
 *
 * @param values float32 [n]
 */
export function overElements(values: tf.Tensor, { weights = tf.ones(values.shape), ...others }: ElementOptions = {}): LossTerm {
  return { over: 'element', values, weights, ...others }
}

/** A term that is one number already: float32 []. */
export const reduced = (values: tf.Tensor): LossTerm => ({ over: 'reduced', values })

/**
 * Values times how much a selection makes of each embedding ({@link LossInputs.elementWeights}), where there is one: float32 [n].
 * It is a factor of values and not how often they count: a mean stays one over all n, as in PyTorch Metric Learning.
 */
export const weighed = (values: tf.Tensor, elementWeights: tf.Tensor1D | undefined): tf.Tensor =>
  elementWeights ? tf.mul(values, elementWeights) : values
