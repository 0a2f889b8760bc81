import * as tf from '@tensorflow/tfjs-core'
import { expectNumber, type LossTerms } from '@metric-learning/core'
import { LpDistance } from '@metric-learning/distances'
import { AvgNonZeroReducer } from '@metric-learning/reducers'
import type { LossInputs } from './base/loss-inputs.js'
import { MetricLoss, type MetricLossOptions } from './base/metric-loss.js'

/** Options of {@link ContrastiveLoss}. */
export interface ContrastiveLossOptions extends MetricLossOptions {
  /** Positives closer than this cost nothing. In units of the distance; for a similarity 1 makes sense. Default 0. */
  readonly posMargin?: number
  /** Negatives farther than this cost nothing. In units of the distance; for a similarity 0 makes sense. Default 1. */
  readonly negMargin?: number
}

/**
 * max(0, d(a, p) - posMargin) for positive pairs plus max(0, negMargin - d(a, n)) for negative ones;
 * for a similarity the differences turn round.
 *
 * Two terms, `posLoss` and `negLoss`, over pairs [n, m], reduced one by one. Default distance
 * {@link LpDistance}, default reducer {@link AvgNonZeroReducer}. Takes pairs, triplets (as their
 * pairs) and reference sets.
 *
 * Hadsell, Chopra, LeCun: Dimensionality Reduction by Learning an Invariant Mapping (2006), eq. 4,
 * without the square.
 *
 * @throws {OptionError} when an option is unknown, or a margin is not a finite number.
 */
export class ContrastiveLoss extends MetricLoss {
  readonly posMargin: number
  readonly negMargin: number

  constructor(options: ContrastiveLossOptions = {}) {
    super('ContrastiveLoss', options, {
      options: ['posMargin', 'negMargin'],
      distance: () => new LpDistance(),
      reducer: () => new AvgNonZeroReducer(),
    })
    const { posMargin = 0, negMargin = 1 } = options
    expectNumber(this.name, 'posMargin', posMargin)
    expectNumber(this.name, 'negMargin', negMargin)
    this.posMargin = posMargin
    this.negMargin = negMargin
  }

  protected computeTerms(inputs: LossInputs): LossTerms {
    const { positive, negative } = inputs.pairs()
    const distances = this.distance.matrix(inputs.embeddings, inputs.references)
    const posLoss = tf.relu(this.distance.margin(distances, this.posMargin))
    const negLoss = tf.relu(this.distance.margin(this.negMargin, distances))
    return {
      posLoss: { over: 'pair', values: posLoss, weights: positive },
      negLoss: { over: 'pair', values: negLoss, weights: negative },
    }
  }
}
