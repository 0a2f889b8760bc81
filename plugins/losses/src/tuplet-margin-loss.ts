import * as tf from '@tensorflow/tfjs-core'
import { expectNumber, type LossTerms } from '@metric-learning/contracts'
import { CosineSimilarity, expectDistance } from '@metric-learning/distances'
import { scalars, tensorOf, type Schedulable } from '@metric-learning/ops'
import { MeanReducer } from '@metric-learning/reducers'
import { expectDegrees, toRadians } from './base/degrees.js'
import { logSumExp, nothing } from './base/log-sum-exp.js'
import type { LossInputs } from './base/loss-inputs.js'
import { MetricLoss } from './base/metric-loss.js'
import { pairTerm } from './base/pair-term.js'
import type { RepeatedPairsOptions } from './base/repeated-pairs.js'
import { rotateCosine } from './base/rotate-cosine.js'

/** Options of {@link TupletMarginLoss}. */
export interface TupletMarginLossOptions extends RepeatedPairsOptions {
  /** The slack β that is taken off the angle of a positive pair. In degrees. Default 5.73 (0.1 rad). May be scheduled. */
  readonly margin?: Schedulable
  /** The scale s of the cosines. Above 0. Default 64. May be scheduled. */
  readonly scale?: Schedulable
}

/**
 * log(1 + Σ_n exp(s (cos θ_an - cos(θ_ap - β)))) for every positive pair, with the negatives n of its
 * anchor.
 *
 * One term, `loss`, over pairs [n, m]. The gradient is finite for embeddings that are equal or
 * opposite, too; see {@link rotateCosine}. The distance is {@link CosineSimilarity} and no other; default
 * reducer {@link MeanReducer}. Takes pairs, triplets (as their pairs) and reference sets. Memory O(n m), in blocks of
 * anchors beyond {@link blockBytes}.
 *
 * Yu, Tao: Deep Metric Learning with Tuplet Margin Loss (ICCV 2019), the tuplet margin loss.
 *
 * @throws {OptionError} when an option is unknown or out of range, or the distance is another.
 */
export class TupletMarginLoss extends MetricLoss {
  /** In degrees. */
  readonly margin: Schedulable
  readonly scale: Schedulable
  readonly countRepeats: boolean

  constructor(options: TupletMarginLossOptions = {}) {
    super('TupletMarginLoss', options, {
      options: ['margin', 'scale', 'countRepeats'],
      distance: () => new CosineSimilarity(),
      reducer: () => new MeanReducer(),
      labels: 'unlessSelected',
    })
    const { margin = 5.73, scale = 64, countRepeats = false } = options
    expectDegrees(this.name, 'margin', margin)
    expectNumber(this.name, 'scale', scale, { min: 0, exclusiveMin: true })
    expectDistance(this.name, this.distance, 'CosineSimilarity')
    this.margin = margin
    this.scale = scale
    this.countRepeats = countRepeats
  }

  protected computeTerms(inputs: LossInputs): LossTerms {
    const { positive, negative } = inputs.pairs(this.countRepeats)
    const cosines = this.distance.matrix(inputs.embeddings, inputs.references)
    const term = pairTerm({
      rows: [cosines],
      constants: [negative],
      weights: positive,
      values: ({ rows: [own], constants: [negatives] }) => {
        const ofNegatives = logSumExp(tf.mul(own!, tensorOf(this.scale)), negatives!, { ofNone: nothing })
        const ofPositive = tf.mul(rotateCosine(own!, scalars.neg(toRadians(this.margin))), tensorOf(this.scale))
        return tf.softplus(tf.sub(tf.expandDims(ofNegatives, 1), ofPositive))
      },
    })
    return { loss: term }
  }
}
