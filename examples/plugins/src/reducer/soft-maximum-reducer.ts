import * as tf from '@tensorflow/tfjs-core'
import { expectNumber } from '@metric-learning/contracts'
import { logSumExp, tensorOf, type Schedulable } from '@metric-learning/ops'
import { SelectionReducer, type UnreducedTerm } from '@metric-learning/reducers'

export interface SoftMaximumReducerOptions {
  /** τ in the formula: close to 0 the largest value is all that counts; the larger, the closer to the mean. Above 0. Default 0.1. May be scheduled. */
  readonly temperature?: Schedulable
}

/**
 * τ log(Σ w exp(v / τ) / Σ w) of the selected values v with weights w: between their mean and the largest of them. 0 where nothing is selected. All
 * values are there at once, for it is no sum of what blocks give.
 *
 * @throws {OptionError} when an option is unknown or out of range.
 * @see Boyd, Vandenberghe 2004, Convex Optimization, section 3.1.5.
 */
export class SoftMaximumReducer extends SelectionReducer {
  readonly temperature: Schedulable

  constructor(options: SoftMaximumReducerOptions = {}) {
    super('SoftMaximumReducer', options, ['temperature'])
    const { temperature = 0.1 } = options
    expectNumber(this.name, 'temperature', temperature, { min: 0, exclusiveMin: true })
    this.temperature = temperature
  }

  protected override reduceSelected({ values, weights }: UnreducedTerm): tf.Scalar {
    const temperature = tensorOf(this.temperature)
    const [flat, ofFlat] = [tf.reshape(values, [1, -1]), tf.reshape(weights, [1, -1])]
    const total = tf.sum(ofFlat)
    // log Σ w is 0 where nothing is selected, as the other sum is.
    const logTotal = tf.log(tf.where(tf.greater(total, 0), total, tf.onesLike(total)))
    return tf.mul(temperature, tf.sub(tf.sum(logSumExp(tf.div(flat, temperature), ofFlat)), logTotal))
  }
}
