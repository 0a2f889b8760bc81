import * as tf from '@tensorflow/tfjs-core'
import { expectNumber, type Block, type LossTerm, type LossTerms } from '@metric-learning/contracts'
import { CosineSimilarity } from '@metric-learning/distances'
import { relu, scalars, type Schedulable } from '@metric-learning/ops'
import { MeanReducer, weightedMean } from '@metric-learning/reducers'
import type { LossInputs } from './base/loss-inputs.js'
import { MetricLoss, type MetricLossOptions } from './base/metric-loss.js'
import { pairTerm } from './base/pair-term.js'

/** Options of {@link IntraPairVarianceLoss}. */
export interface IntraPairVarianceLossOptions extends MetricLossOptions {
  /** How far below the mean a positive may be, as a share of the mean. Default 0.01. May be scheduled. */
  readonly posEps?: Schedulable
  /** How far above the mean a negative may be, as a share of the mean. Default 0.01. May be scheduled. */
  readonly negEps?: Schedulable
}

/**
 * max(0, (1 - posEps) mean s⁺ - s)² for positive pairs plus max(0, s - (1 + negEps) mean s⁻)² for negative
 * ones: it narrows the spread of similarities. For a distance the two sides change places. The means are
 * those of the selected pairs and carry a gradient. Meant to be added to another loss.
 *
 * Two terms, `posLoss` and `negLoss`, over pairs [n, m], reduced one by one. Default distance
 * {@link CosineSimilarity}, default reducer {@link MeanReducer}. Takes pairs, triplets (as their pairs)
 * and reference sets. Memory O(n m), in blocks of anchors beyond {@link blockBytes}.
 *
 * Yu, Tao: Deep Metric Learning with Tuplet Margin Loss (ICCV 2019), the intra-pair variance loss.
 *
 * @throws {OptionError} when an option is unknown or out of range.
 */
export class IntraPairVarianceLoss extends MetricLoss {
  readonly posEps: Schedulable
  readonly negEps: Schedulable

  constructor(options: IntraPairVarianceLossOptions = {}) {
    super('IntraPairVarianceLoss', options, {
      options: ['posEps', 'negEps'],
      distance: () => new CosineSimilarity(),
      reducer: () => new MeanReducer(),
      labels: 'unlessSelected',
    })
    const { posEps = 0.01, negEps = 0.01 } = options
    expectNumber(this.name, 'posEps', posEps, { min: 0 })
    expectNumber(this.name, 'negEps', negEps, { min: 0 })
    this.posEps = posEps
    this.negEps = negEps
  }

  protected computeTerms(inputs: LossInputs): LossTerms {
    const { positive, negative } = inputs.pairs()
    const distances = this.distance.matrix(inputs.embeddings, inputs.references)
    const { isInverted } = this.distance
    return {
      posLoss: (isInverted ? below : above)(distances, positive, this.posEps),
      negLoss: (isInverted ? above : below)(distances, negative, this.negEps),
    }
  }
}

const below = (distances: tf.Tensor2D, weights: tf.Tensor2D, eps: Schedulable): LossTerm =>
  aroundMean(distances, weights, (mean, values) => tf.sub(tf.mul(mean, scalars.sub(1, eps)), values))

const above = (distances: tf.Tensor2D, weights: tf.Tensor2D, eps: Schedulable): LossTerm =>
  aroundMean(distances, weights, (mean, values) => tf.sub(values, tf.mul(mean, scalars.add(1, eps))))

/** The squares of what is violated, from the mean of the selected pairs and the distances. */
function aroundMean(distances: tf.Tensor2D, weights: tf.Tensor2D, violation: (mean: tf.Tensor, values: tf.Tensor) => tf.Tensor): LossTerm {
  const values = ({ rows: [own], whole: [mean] }: Block) => tf.square(relu(violation(mean!, own!)))
  return pairTerm({ rows: [distances], whole: [weightedMean(distances, weights)], weights, values })
}
