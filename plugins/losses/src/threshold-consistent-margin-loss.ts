import * as tf from '@tensorflow/tfjs-core'
import { CosineSimilarity } from '@metric-learning/distances'
import { option, withoutGradient } from '@metric-learning/ops'
import { MeanReducer, weightedMean } from '@metric-learning/reducers'
import { metricLoss, type OptionsOf } from './base/metric-loss.js'
import { reduced } from './terms/over-elements.js'

/** Options of {@link ThresholdConsistentMarginLoss}. */
export type ThresholdConsistentMarginLossOptions = OptionsOf<typeof ThresholdConsistentMarginLoss>

/**
 * `λ⁺ mean(m⁺ - s)` over the positive pairs with s ≤ m⁺, plus `λ⁻ mean(s - m⁻)` over the negative pairs with
 * s ≥ m⁻, for cosines s: it makes one threshold fit all classes. Meant to be added to another loss.
 *
 * One term, `loss`, reduced already. The distance is {@link CosineSimilarity} and no other. Takes pairs,
 * triplets (as their pairs) and reference sets. Memory O(n m).
 *
 * Zhang, Xu et al.: Threshold-Consistent Margin Loss for Open-World Deep Metric Learning (ICLR 2024), the TCM loss.
 *
 * @formula \lambda^+ \, \mathrm{mean}(m^+ - s)
 * @formula \lambda^- \, \mathrm{mean}(s - m^-)
 * @useWhen Beside another loss, where one threshold of similarity is to hold for all classes, also for those that
 *   training never saw.
 * @throws {OptionError} when an option is unknown or out of range, or the distance is another.
 */
export class ThresholdConsistentMarginLoss extends metricLoss({
  name: 'ThresholdConsistentMarginLoss',
  distance: () => new CosineSimilarity(),
  onlyDistance: true,
  reducer: () => new MeanReducer(),
  labels: 'unlessSelected',
  options: {
    /** Weight of the positives. Default 1. May be scheduled. */
    lambdaPlus: option.number({ default: 1, min: 0 }),
    /** Weight of the negatives. Default 1. May be scheduled. */
    lambdaMinus: option.number({ default: 1, min: 0 }),
    /** Positives up to this cosine count. In [-1, 1]. Default 0.9. May be scheduled. */
    marginPlus: option.number({ default: 0.9, min: -1, max: 1 }),
    /** Negatives from this cosine on count. In [-1, 1]. Default 0.5. May be scheduled. */
    marginMinus: option.number({ default: 0.5, min: -1, max: 1 }),
  },
  terms(inputs, { lambdaPlus, lambdaMinus, marginPlus, marginMinus }) {
    const { positive, negative } = inputs.pairs()
    const cosines = inputs.distances()
    const pull = meanViolation(tf.sub(marginPlus, cosines), positive)
    const push = meanViolation(tf.sub(cosines, marginMinus), negative)
    return { loss: reduced(tf.add(tf.mul(pull, lambdaPlus), tf.mul(push, lambdaMinus))) }
  },
}) {}

/** The mean over pairs that violate a threshold or just meet it. */
const meanViolation = (violations: tf.Tensor, pairs: tf.Tensor): tf.Scalar =>
  weightedMean(violations, withoutGradient(() => tf.mul(pairs, tf.cast(tf.greaterEqual(violations, 0), 'float32'))))
