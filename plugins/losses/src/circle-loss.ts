import * as tf from '@tensorflow/tfjs-core'
import { expectNumber, type LossTerms } from '@metric-learning/contracts'
import { CosineSimilarity, expectDistance } from '@metric-learning/distances'
import { scalars, tensorOf, withoutGradient, type Schedulable } from '@metric-learning/ops'
import { AvgNonZeroReducer } from '@metric-learning/reducers'
import { byAnchor } from './base/by-anchor.js'
import { logSumExp } from './base/log-sum-exp.js'
import type { LossInputs } from './base/loss-inputs.js'
import { MetricLoss, type MetricLossOptions } from './base/metric-loss.js'

/** Options of {@link CircleLoss}. */
export interface CircleLossOptions extends MetricLossOptions {
  /**
   * The relaxation: positives are to reach the cosine 1 - m, negatives m. In [0, 1]; the paper takes 0.25 for
   * faces and persons, 0.4 for fine-grained retrieval. Default 0.4. May be scheduled.
   */
  readonly m?: Schedulable
  /** The scale of the similarities. Above 0; the paper takes 256, 128 and 80 for these. Default 80. May be scheduled. */
  readonly gamma?: Schedulable
}

/**
 * softplus( log Σ_p exp(-γ α_p (s_p - 1 + m)) + log Σ_n exp(γ α_n (s_n - m)) ) for each anchor, with
 * cosines s and the constants α_p = max(0, 1 + m - s_p), α_n = max(0, s_n + m).
 *
 * One term, `loss`, over elements [n]. An anchor that lacks positives or negatives gives 0, which the
 * default reducer {@link AvgNonZeroReducer} leaves out. The distance is {@link CosineSimilarity} and no
 * other. Takes pairs, triplets (as their pairs) and reference sets; a pair counts once, however often
 * it is selected. Memory O(n m), in blocks of anchors beyond {@link blockBytes}.
 *
 * Sun et al.: Circle Loss (CVPR 2020), eq. 5 and 6.
 *
 * @throws {OptionError} when an option is unknown or out of range, or the distance is another.
 */
export class CircleLoss extends MetricLoss {
  readonly m: Schedulable
  readonly gamma: Schedulable

  constructor(options: CircleLossOptions = {}) {
    super('CircleLoss', options, {
      options: ['m', 'gamma'],
      distance: () => new CosineSimilarity(),
      reducer: () => new AvgNonZeroReducer(),
      labels: 'unlessSelected',
    })
    const { m = 0.4, gamma = 80 } = options
    expectNumber(this.name, 'm', m, { min: 0, max: 1 })
    expectNumber(this.name, 'gamma', gamma, { min: 0, exclusiveMin: true })
    expectDistance(this.name, this.distance, 'CosineSimilarity')
    this.m = m
    this.gamma = gamma
  }

  protected computeTerms(inputs: LossInputs): LossTerms {
    const { positive, negative } = inputs.pairMasks()
    const cosines = this.distance.matrix(inputs.embeddings, inputs.references)
    const values = byAnchor(cosines, [positive, negative], (own, positives, negatives) => {
      const ofPositives = withoutGradient(() => tf.mul(tf.relu(tf.sub(scalars.add(1, this.m), own)), scalars.neg(this.gamma)))
      const ofNegatives = withoutGradient(() => tf.mul(tf.relu(tf.add(own, tensorOf(this.m))), tensorOf(this.gamma)))
      const pull = logSumExp(tf.mul(ofPositives, tf.sub(own, scalars.sub(1, this.m))), positives)
      const push = logSumExp(tf.mul(ofNegatives, tf.sub(own, tensorOf(this.m))), negatives)
      const hasBoth = withoutGradient(() => tf.mul(tf.max(positives, 1), tf.max(negatives, 1)))
      return tf.mul(tf.softplus(tf.add(pull, push)), hasBoth)
    })
    return { loss: { over: 'element', values, weights: tf.ones(values.shape) } }
  }
}
