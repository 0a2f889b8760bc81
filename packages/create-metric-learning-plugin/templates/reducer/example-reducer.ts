import * as tf from '@tensorflow/tfjs-core'
import { expectNumber, type TermBlock } from '@metric-learning/contracts'
import { tensorOf, type Schedulable } from '@metric-learning/ops'
import { WeightedReducer, type Counted } from '@metric-learning/reducers'

export interface ExampleReducerOptions {
  /** α in the formula: 0 is the sum, 1 the mean. From 0 to 1. Default 0.5. May be scheduled. */
  readonly alpha?: Schedulable
}

/**
 * Between the sum and the mean of the selected values v with weights w, so that a batch counts more the more is selected in it, but not in proportion:
 *
 *     Σ w v / (Σ w)ᵅ
 *
 * 0 where nothing is selected. Works in blocks where terms are large.
 *
 * After the length normalisation of Wu et al. 2016, Google's Neural Machine Translation System, eq. 14. (Put your own formula here, and where it is from.)
 *
 * @throws {OptionError} when an option is unknown or out of range.
 */
export class ExampleReducer extends WeightedReducer {
  readonly alpha: Schedulable

  constructor(options: ExampleReducerOptions = {}) {
    super('ExampleReducer', options, ['alpha'])
    const { alpha = 0.5 } = options
    expectNumber(this.name, 'alpha', alpha, { min: 0, max: 1 })
    this.alpha = alpha
  }

  protected override count({ weights }: TermBlock): Counted {
    return { weights, divisor: tf.sum<tf.Scalar>(weights) }
  }

  protected override divide(sum: tf.Scalar, divisor: tf.Scalar): tf.Scalar {
    return super.divide(sum, tf.pow(divisor, tensorOf(this.alpha)))
  }
}
