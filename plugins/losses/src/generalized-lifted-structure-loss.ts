import * as tf from '@tensorflow/tfjs-core'
import type { LossTerms } from '@metric-learning/contracts'
import { LpDistance } from '@metric-learning/distances'
import { tensorOf, type Schedulable } from '@metric-learning/ops'
import { MeanReducer } from '@metric-learning/reducers'
import { byAnchor } from './base/by-anchor.js'
import { expectDistanceUnits } from './base/expect-distance-units.js'
import { logSumExp } from './base/log-sum-exp.js'
import type { LossInputs } from './base/loss-inputs.js'
import { MetricLoss, type MetricLossOptions } from './base/metric-loss.js'

/** Options of {@link GeneralizedLiftedStructureLoss}. */
export interface GeneralizedLiftedStructureLossOptions extends MetricLossOptions {
  /** How far negatives should be. In units of the distance; for a similarity 0 makes sense. Default 1. May be scheduled. */
  readonly negMargin?: Schedulable
  /** How close positives should be. In units of the distance; for a similarity 1 makes sense. Default 0. May be scheduled. */
  readonly posMargin?: Schedulable
}

/**
 * max(0, log Σ_p exp(d(a, p) - posMargin) + log Σ_n exp(negMargin - d(a, n))) for each anchor; for a
 * similarity the differences turn round. A sum over no pairs counts as 0.
 *
 * One term, `loss`, over elements [n]. Default distance {@link LpDistance}, default reducer
 * {@link MeanReducer}. Takes pairs, triplets (as their pairs) and reference sets; a pair counts once,
 * however often it is selected. Memory O(n m), in blocks of anchors beyond {@link blockBytes}.
 *
 * Hermans, Beyer, Leibe: In Defense of the Triplet Loss for Person Re-Identification (2017), the generalised lifted
 * structure loss L_LG on page 4, with the pairs of every anchor.
 *
 * @throws {OptionError} when an option is unknown, or a margin is no finite number or no cosine where the distance is one.
 */
export class GeneralizedLiftedStructureLoss extends MetricLoss {
  readonly negMargin: Schedulable
  readonly posMargin: Schedulable

  constructor(options: GeneralizedLiftedStructureLossOptions = {}) {
    super('GeneralizedLiftedStructureLoss', options, {
      options: ['negMargin', 'posMargin'],
      distance: () => new LpDistance(),
      reducer: () => new MeanReducer(),
      labels: 'unlessSelected',
    })
    const { negMargin = 1, posMargin = 0 } = options
    expectDistanceUnits(this.name, 'negMargin', negMargin, this.distance)
    expectDistanceUnits(this.name, 'posMargin', posMargin, this.distance)
    this.negMargin = negMargin
    this.posMargin = posMargin
  }

  protected computeTerms(inputs: LossInputs): LossTerms {
    const { positive, negative } = inputs.pairMasks()
    const distances = this.distance.matrix(inputs.embeddings, inputs.references)
    const values = byAnchor(distances, [positive, negative], (own, positives, negatives) => {
      const pull = logSumExp(this.distance.margin(own, tensorOf(this.posMargin)), positives)
      const push = logSumExp(this.distance.margin(tensorOf(this.negMargin), own), negatives)
      return tf.relu(tf.add(pull, push))
    })
    return { loss: { over: 'element', values, weights: tf.ones(values.shape) } }
  }
}
