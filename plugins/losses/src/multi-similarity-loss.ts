import * as tf from '@tensorflow/tfjs-core'
import { expectNumber, type LossTerms } from '@metric-learning/contracts'
import { CosineSimilarity } from '@metric-learning/distances'
import { tensorOf, type Schedulable } from '@metric-learning/ops'
import { MeanReducer } from '@metric-learning/reducers'
import { byAnchor } from './base/by-anchor.js'
import { expectDistanceUnits } from './base/expect-distance-units.js'
import { logSumExp } from './base/log-sum-exp.js'
import type { LossInputs } from './base/loss-inputs.js'
import { MetricLoss, type MetricLossOptions } from './base/metric-loss.js'

/** Options of {@link MultiSimilarityLoss}. */
export interface MultiSimilarityLossOptions extends MetricLossOptions {
  /** How sharply positives are weighed against each other. Above 0. Default 2. May be scheduled. */
  readonly alpha?: Schedulable
  /** How sharply negatives are weighed against each other. Above 0. Default 50. May be scheduled. */
  readonly beta?: Schedulable
  /** Where positives and negatives should part, in units of the distance. Default 0.5. May be scheduled. */
  readonly base?: Schedulable
}

/**
 * (1/α) log(1 + Σ_p exp(-α (s(a, p) - base))) + (1/β) log(1 + Σ_n exp(β (s(a, n) - base))) for each
 * anchor; for a distance the differences turn round.
 *
 * One term, `loss`, over elements [n]; an anchor without pairs counts as 0. Default distance
 * {@link CosineSimilarity}, default reducer {@link MeanReducer}. Takes pairs, triplets (as their pairs)
 * and reference sets; a pair counts once, however often it is selected. Memory O(n m), in blocks of anchors beyond
 * {@link blockBytes}.
 *
 * Wang et al.: Multi-Similarity Loss with General Pair Weighting (CVPR 2019), section 4, over all pairs unless mined.
 *
 * @throws {OptionError} when an option is unknown or out of range.
 */
export class MultiSimilarityLoss extends MetricLoss {
  readonly alpha: Schedulable
  readonly beta: Schedulable
  readonly base: Schedulable

  constructor(options: MultiSimilarityLossOptions = {}) {
    super('MultiSimilarityLoss', options, {
      options: ['alpha', 'beta', 'base'],
      distance: () => new CosineSimilarity(),
      reducer: () => new MeanReducer(),
      labels: 'unlessSelected',
    })
    const { alpha = 2, beta = 50, base = 0.5 } = options
    expectNumber(this.name, 'alpha', alpha, { min: 0, exclusiveMin: true })
    expectNumber(this.name, 'beta', beta, { min: 0, exclusiveMin: true })
    expectDistanceUnits(this.name, 'base', base, this.distance)
    this.alpha = alpha
    this.beta = beta
    this.base = base
  }

  protected computeTerms(inputs: LossInputs): LossTerms {
    const { positive, negative } = inputs.pairMasks()
    const distances = this.distance.matrix(inputs.embeddings, inputs.references)
    const [alpha, beta, base] = [tensorOf(this.alpha), tensorOf(this.beta), tensorOf(this.base)]
    const values = byAnchor(distances, [positive, negative], (own, positives, negatives) => {
      const tooFar = tf.mul(this.distance.margin(own, base), alpha)
      const tooClose = tf.mul(this.distance.margin(base, own), beta)
      const ofPositives = tf.div(logSumExp(tooFar, positives, { addOne: true }), alpha)
      const ofNegatives = tf.div(logSumExp(tooClose, negatives, { addOne: true }), beta)
      return tf.add(ofPositives, ofNegatives)
    })
    return { loss: { over: 'element', values, weights: tf.ones(values.shape) } }
  }
}
