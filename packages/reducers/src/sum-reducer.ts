import * as tf from '@tensorflow/tfjs-core'
import type { TermBlock } from '@metric-learning/contracts'
import { WeightedReducer, type Counted } from './weighted-reducer.js'

/**
 * The sum of the selected values, Σ w v; 0 when nothing is selected. It takes no options.
 *
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
