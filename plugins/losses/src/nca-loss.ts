import * as tf from '@tensorflow/tfjs-core'
import { expectNumber, type LossTerms } from '@metric-learning/contracts'
import { LpDistance } from '@metric-learning/distances'
import { scalars, tensorOf, withoutGradient, type Schedulable } from '@metric-learning/ops'
import { MeanReducer } from '@metric-learning/reducers'
import { byAnchor } from './base/by-anchor.js'
import { logSumExp } from './base/log-sum-exp.js'
import type { LossInputs } from './base/loss-inputs.js'
import { MetricLoss, type MetricLossOptions } from './base/metric-loss.js'

/** Options of {@link NCALoss}. */
export interface NCALossOptions extends MetricLossOptions {
  /** Multiplies the similarities. Above 0. Default 1. May be scheduled. */
  readonly softmaxScale?: Schedulable
}

/**
 * -log Σ_p exp(c s_ip) / Σ_j exp(c s_ij) for each embedding i with a positive, where p runs over the
 * references of its class and j over all but itself; a distance d counts as s = -d.
 *
 * One term, `loss`, over elements [n]; embeddings without a positive take no part, and without any the
 * loss is 0. A selection makes embeddings count less the less often they occur in it
 * ({@link LossInputs.elementWeights}). Takes reference sets. Default distance {@link LpDistance} squared, default
 * reducer {@link MeanReducer}. Memory O(n m), in blocks of anchors beyond {@link blockBytes}.
 *
 * Goldberger et al.: Neighbourhood Components Analysis (NIPS 2004), eq. 6, of embeddings in place of a linear map.
 *
 * @throws {OptionError} when an option is unknown or out of range.
 */
export class NCALoss extends MetricLoss {
  readonly softmaxScale: Schedulable

  constructor(options: NCALossOptions = {}) {
    super('NCALoss', options, {
      options: ['softmaxScale'],
      distance: () => new LpDistance({ power: 2 }),
      reducer: () => new MeanReducer(),
    })
    const { softmaxScale = 1 } = options
    expectNumber(this.name, 'softmaxScale', softmaxScale, { min: 0, exclusiveMin: true })
    this.softmaxScale = softmaxScale
  }

  protected computeTerms(inputs: LossInputs): LossTerms {
    const positive = inputs.relations.positives()
    const others = tf.add(positive, inputs.relations.negatives())
    const distances = this.distance.matrix(inputs.embeddings, inputs.references)
    const entropy = byAnchor(distances, [positive, others], (own, positives, all) => {
      const logits = tf.mul(own, this.distance.isInverted ? tensorOf(this.softmaxScale) : scalars.neg(this.softmaxScale))
      return tf.sub(logSumExp(logits, all), logSumExp(logits, positives))
    })
    const counts = inputs.elementWeights()
    const values = counts ? tf.mul(entropy, counts) : entropy
    return { loss: { over: 'element', values, weights: withoutGradient(() => tf.max(positive, 1)) } }
  }
}
