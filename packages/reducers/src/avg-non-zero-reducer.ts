import * as tf from '@tensorflow/tfjs-core'
import { withoutGradient } from '@metric-learning/core'
import { SelectionReducer, type UnreducedTerm } from './selection-reducer.js'
import { weightedMean } from './weighted-mean.js'

/**
 * The mean of the selected values that are above 0, Σ w v [v > 0] / Σ w [v > 0]; 0 when there is none.
 *
 * For hinge losses: what satisfies the margin already does not dilute what does not. A selected NaN
 * is not hidden: the mean is NaN then.
 */
export class AvgNonZeroReducer extends SelectionReducer {
  constructor(options: Record<string, never> = {}) {
    super('AvgNonZeroReducer', options)
  }

  protected reduceSelected({ values, weights }: UnreducedTerm): tf.Scalar {
    return weightedMean(values, withoutGradient(() => whereAboveZero(weights, values)))
  }
}

/** The weights of values above 0 or NaN, and 0 for the others. */
const whereAboveZero = (weights: tf.Tensor, values: tf.Tensor): tf.Tensor =>
  tf.where(tf.lessEqual(values, 0), tf.zerosLike(weights), weights)
