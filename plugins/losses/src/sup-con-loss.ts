import * as tf from '@tensorflow/tfjs-core'
import { expectNumber, type LossTerms } from '@metric-learning/contracts'
import { CosineSimilarity } from '@metric-learning/distances'
import { divNoNan, scalars, sumOver, tensorOf, withoutGradient, type Schedulable } from '@metric-learning/ops'
import { AvgNonZeroReducer } from '@metric-learning/reducers'
import { byAnchor } from './base/by-anchor.js'
import { isAbove } from './base/is-above.js'
import { logSumExp } from './base/log-sum-exp.js'
import type { LossInputs } from './base/loss-inputs.js'
import { MetricLoss, type MetricLossOptions } from './base/metric-loss.js'

/** Options of {@link SupConLoss}. */
export interface SupConLossOptions extends MetricLossOptions {
  /** Divides the similarities. Above 0. Default 0.1. May be scheduled. */
  readonly temperature?: Schedulable
}

/**
 * For each anchor the mean over its positives p of -log( exp(s_ap / τ) / Σ_j exp(s_aj / τ) ), where j
 * runs over the positives and the negatives of the anchor; a distance d counts as s = -d.
 *
 * One term, `loss`, over elements [n]. An anchor without positives gives 0, which the default reducer
 * {@link AvgNonZeroReducer} leaves out; so does a selection without positives or without negatives.
 * Default distance {@link CosineSimilarity}. Takes pairs, triplets (as their pairs) and reference sets;
 * a pair counts once, however often it is selected. Memory O(n m), in blocks of anchors beyond {@link blockBytes}.
 *
 * Khosla et al.: Supervised Contrastive Learning (NeurIPS 2020), eq. 2.
 *
 * @throws {OptionError} when an option is unknown or out of range.
 */
export class SupConLoss extends MetricLoss {
  readonly temperature: Schedulable

  constructor(options: SupConLossOptions = {}) {
    super('SupConLoss', options, {
      options: ['temperature'],
      distance: () => new CosineSimilarity(),
      reducer: () => new AvgNonZeroReducer(),
      labels: 'unlessSelected',
    })
    const { temperature = 0.1 } = options
    expectNumber(this.name, 'temperature', temperature, { min: 0, exclusiveMin: true })
    this.temperature = temperature
  }

  protected computeTerms(inputs: LossInputs): LossTerms {
    const { positive, negative } = inputs.pairMasks()
    const distances = this.distance.matrix(inputs.embeddings, inputs.references)
    const counts = withoutGradient(() => tf.sum(positive, 1))
    const values = byAnchor(distances, [positive, negative, counts], (own, positives, negatives, count) => {
      const logits = tf.div(own, this.distance.isInverted ? tensorOf(this.temperature) : scalars.neg(this.temperature))
      const ofAll = logSumExp(logits, withoutGradient(() => tf.add(positives, negatives)))
      const ofPositives = tf.mul(sumOver(tf.mul(positives, logits), 1), withoutGradient(() => divNoNan(tf.scalar(1), count)))
      return tf.sub(tf.mul(ofAll, withoutGradient(() => isAbove(count, 0))), ofPositives)
    })
    const hasBoth = withoutGradient(() => tf.mul(isAbove(tf.max(counts), 0), tf.max(negative)))
    return { loss: { over: 'element', values, weights: tf.mul(tf.ones(values.shape), hasBoth) } }
  }
}
