import * as tf from '@tensorflow/tfjs-core'
import { expectNumber, type LossTerms } from '@metric-learning/contracts'
import { CosineSimilarity, expectDistance } from '@metric-learning/distances'
import { tensorOf, withoutGradient, type Schedulable } from '@metric-learning/ops'
import { MeanReducer, weightedMean } from '@metric-learning/reducers'
import type { LossInputs } from './base/loss-inputs.js'
import { MetricLoss, type MetricLossOptions } from './base/metric-loss.js'

/** Options of {@link ThresholdConsistentMarginLoss}. */
export interface ThresholdConsistentMarginLossOptions extends MetricLossOptions {
  /** Weight of the positives. Default 1. May be scheduled. */
  readonly lambdaPlus?: Schedulable
  /** Weight of the negatives. Default 1. May be scheduled. */
  readonly lambdaMinus?: Schedulable
  /** Positives up to this cosine count. In [-1, 1]. Default 0.9. May be scheduled. */
  readonly marginPlus?: Schedulable
  /** Negatives from this cosine on count. In [-1, 1]. Default 0.5. May be scheduled. */
  readonly marginMinus?: Schedulable
}

/**
 * λ⁺ mean(m⁺ - s) over the positive pairs with s ≤ m⁺, plus λ⁻ mean(s - m⁻) over the negative pairs with
 * s ≥ m⁻, for cosines s: it makes one threshold fit all classes. Meant to be added to another loss.
 *
 * One term, `loss`, reduced already. The distance is {@link CosineSimilarity} and no other. Takes pairs,
 * triplets (as their pairs) and reference sets. Memory O(n m).
 *
 * Zhang, Xu et al.: Threshold-Consistent Margin Loss for Open-World Deep Metric Learning (ICLR 2024), the TCM loss.
 *
 * @throws {OptionError} when an option is unknown or out of range, or the distance is another.
 */
export class ThresholdConsistentMarginLoss extends MetricLoss {
  readonly lambdaPlus: Schedulable
  readonly lambdaMinus: Schedulable
  readonly marginPlus: Schedulable
  readonly marginMinus: Schedulable

  constructor(options: ThresholdConsistentMarginLossOptions = {}) {
    super('ThresholdConsistentMarginLoss', options, {
      options: ['lambdaPlus', 'lambdaMinus', 'marginPlus', 'marginMinus'],
      distance: () => new CosineSimilarity(),
      reducer: () => new MeanReducer(),
      labels: 'unlessSelected',
    })
    const { lambdaPlus = 1, lambdaMinus = 1, marginPlus = 0.9, marginMinus = 0.5 } = options
    expectNumber(this.name, 'lambdaPlus', lambdaPlus, { min: 0 })
    expectNumber(this.name, 'lambdaMinus', lambdaMinus, { min: 0 })
    expectNumber(this.name, 'marginPlus', marginPlus, { min: -1, max: 1 })
    expectNumber(this.name, 'marginMinus', marginMinus, { min: -1, max: 1 })
    expectDistance(this.name, this.distance, 'CosineSimilarity')
    this.lambdaPlus = lambdaPlus
    this.lambdaMinus = lambdaMinus
    this.marginPlus = marginPlus
    this.marginMinus = marginMinus
  }

  protected computeTerms(inputs: LossInputs): LossTerms {
    const { positive, negative } = inputs.pairs()
    const cosines = this.distance.matrix(inputs.embeddings, inputs.references)
    const pull = meanViolation(tf.sub(tensorOf(this.marginPlus), cosines), positive)
    const push = meanViolation(tf.sub(cosines, tensorOf(this.marginMinus)), negative)
    const values = tf.add(tf.mul(pull, tensorOf(this.lambdaPlus)), tf.mul(push, tensorOf(this.lambdaMinus)))
    return { loss: { over: 'reduced', values } }
  }
}

/** The mean over pairs that violate a threshold or just meet it. */
const meanViolation = (violations: tf.Tensor, pairs: tf.Tensor): tf.Scalar =>
  weightedMean(violations, withoutGradient(() => tf.mul(pairs, tf.cast(tf.greaterEqual(violations, 0), 'float32'))))
