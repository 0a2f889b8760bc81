import * as tf from '@tensorflow/tfjs-core'
import type { TermBlock } from '@metric-learning/contracts'
import { WeightedReducer, type Counted } from './weighted-reducer.js'

/**
 * The sum of the selected values, Σ w v; 0 when nothing is selected. It takes no options.
 *
 * @formula R = \sum_i w_i v_i
 * @useWhen Each pair or triplet should pull as strongly however many are selected: the loss, and with it the gradient, grows with their number.
 * @example const loss = new TripletMarginLoss({ reducer: new SumReducer() })
 * @throws {OptionError} when it is given one; {@link reduce} throws {ShapeError} when values lack weights.
 */
export class SumReducer extends WeightedReducer {
  constructor(options: Record<string, never> = {}) {
    super('SumReducer', options)
  }

  protected count({ weights }: TermBlock): Counted {
    return { weights, divisor: tf.scalar(1) }
  }

  protected override divide(sum: tf.Scalar): tf.Scalar {
    return sum
  }
}
