import * as tf from '@tensorflow/tfjs-core'
import type { TermBlock } from '@metric-learning/contracts'
import { WeightedReducer, type Counted } from './weighted-reducer.js'

/**
 * The mean of the selected values, Σ w v / Σ w; 0 when nothing is selected. It takes no options.
 *
 * @formula R = \frac{\sum_i w_i v_i}{\sum_i w_i}
 * @useWhen Every selected value should count alike.
 * @example const loss = new ContrastiveLoss({ reducer: new MeanReducer() })
 * @throws {OptionError} when it is given one; {@link reduce} throws {ShapeError} when values lack weights.
 */
export class MeanReducer extends WeightedReducer {
  constructor(options: Record<string, never> = {}) {
    super('MeanReducer', options)
  }

  protected count({ weights }: TermBlock): Counted {
    return { weights, divisor: tf.sum<tf.Scalar>(weights) }
  }
}
