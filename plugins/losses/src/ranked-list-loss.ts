import * as tf from '@tensorflow/tfjs-core'
import { expectNumber, type LossTerms } from '@metric-learning/contracts'
import { LpDistance } from '@metric-learning/distances'
import { scalars, sumOver, tensorOf, withoutGradient, type Schedulable } from '@metric-learning/ops'
import { MeanReducer } from '@metric-learning/reducers'
import { byAnchor } from './base/by-anchor.js'
import { isAbove } from './base/is-above.js'
import type { LossInputs } from './base/loss-inputs.js'
import { MetricLoss, type MetricLossOptions } from './base/metric-loss.js'

/** Options of {@link RankedListLoss}. */
export interface RankedListLossOptions extends MetricLossOptions {
  /** The gap between positives and negatives. In units of the distance. May be scheduled. */
  readonly margin: Schedulable
  /** Temperature of the negatives: how much more the closer ones count. At least 0. May be scheduled. */
  readonly Tn: Schedulable
  /** Temperature of the positives: how much more the farther ones count. Default 0: all alike. May be scheduled. */
  readonly Tp?: Schedulable
  /** Share of the negatives in the loss, in [0, 1]. Default 0.5. May be scheduled. */
  readonly imbalance?: Schedulable
  /** The distance that negatives should have. Default 1 + margin / 2, also of a margin that changes. May be scheduled. */
  readonly alpha?: Schedulable
}

/**
 * (1 - λ) L⁺ + λ L⁻ for each embedding. L⁺ is the mean of d - (α - margin) over positives farther than
 * α - margin, weighted with exp(Tp (d - (α - margin))); L⁻ is the mean of α - d over negatives closer than α,
 * weighted with exp(Tn (α - d)). λ is the imbalance; the weights carry a gradient.
 *
 * One term, `loss`, over elements [n]; to the sum of the weights 1e-5 is added for each embedding of the
 * batch. Embeddings at distance 0 do not count. Positives and negatives come from the labels: neither
 * selections nor reference sets. Default distance {@link LpDistance}; similarities make no sense. Default
 * reducer {@link MeanReducer}. Memory O(n²), in blocks of anchors beyond {@link blockBytes}.
 *
 * Wang et al.: Ranked List Loss for Deep Metric Learning (CVPR 2019), with a temperature for positives as in PyTorch Metric
 * Learning.
 *
 * @throws {OptionError} when an option is unknown, missing or out of range.
 */
export class RankedListLoss extends MetricLoss {
  readonly margin: Schedulable
  readonly Tn: Schedulable
  readonly Tp: Schedulable
  readonly imbalance: Schedulable
  /** The distance that negatives should have, as it was passed; `undefined` for 1 + margin / 2 of the margin at each moment. */
  readonly alpha: Schedulable | undefined

  constructor(options: RankedListLossOptions) {
    super('RankedListLoss', options, {
      options: ['margin', 'Tn', 'Tp', 'imbalance', 'alpha'],
      distance: () => new LpDistance(),
      reducer: () => new MeanReducer(),
      takesReferences: false,
      takesSelections: false,
    })
    const { margin, Tn, Tp = 0, imbalance = 0.5, alpha } = options
    expectNumber(this.name, 'margin', margin)
    expectNumber(this.name, 'Tn', Tn, { min: 0 })
    expectNumber(this.name, 'Tp', Tp, { min: 0 })
    expectNumber(this.name, 'imbalance', imbalance, { min: 0, max: 1 })
    if (alpha !== undefined) expectNumber(this.name, 'alpha', alpha)
    this.margin = margin
    this.Tn = Tn
    this.Tp = Tp
    this.imbalance = imbalance
    this.alpha = alpha
  }

  protected computeTerms({ embeddings, relations }: LossInputs): LossTerms {
    const distances = this.distance.matrix(embeddings)
    const values = byAnchor(distances, [relations.positives(), relations.negatives()], (own, positives, negatives) => {
      const alpha = tensorOf(this.alpha ?? scalars.add(1, scalars.div(this.margin, 2)))
      const beyond = tf.sub(own, scalars.sub(alpha, this.margin))
      const within = tf.sub(alpha, own)
      const counted = withoutGradient(() => isAbove(own, 0))
      const pull = weightedViolation(beyond, tf.mul(positives, counted), this.Tp)
      const push = weightedViolation(within, tf.mul(negatives, counted), this.Tn)
      return tf.add(tf.mul(pull, scalars.sub(1, this.imbalance)), tf.mul(push, tensorOf(this.imbalance)))
    })
    return { loss: { over: 'element', values, weights: tf.ones(values.shape) } }
  }
}

/**
 * Σ_j w_j v_j / Σ_j (w_j + 1e-5) of each row over the violations v above 0, with w = exp(temperature · v): float32 [n].
 * Both sums are divided by the largest weight, so that neither overflows.
 */
function weightedViolation(violations: tf.Tensor, pairs: tf.Tensor, temperature: Schedulable): tf.Tensor {
  const violated = withoutGradient(() => tf.mul(pairs, isAbove(violations, 0)))
  const kept = tf.mul(violations, violated)
  const exponents = tf.mul(kept, tensorOf(temperature))
  const largest = withoutGradient(() => tf.max(exponents, 1, true))
  const weights = tf.mul(violated, tf.exp(tf.sub(exponents, largest)))
  const constant = tf.mul(tf.exp(tf.neg(tf.squeeze(largest, [1]))), 1e-5 * violations.shape[1]!)
  return tf.div(sumOver(tf.mul(weights, kept), 1), tf.add(sumOver(weights, 1), constant))
}
