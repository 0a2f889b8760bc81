import * as tf from '@tensorflow/tfjs-core'
import type { LossTerm } from '@metric-learning/contracts'
import { CosineSimilarity } from '@metric-learning/distances'
import { option, relu, scalars, type FormulaNumber } from '@metric-learning/ops'
import { MeanReducer, weightedMean } from '@metric-learning/reducers'
import { metricLoss, type OptionsOf } from './base/metric-loss.js'
import { shared } from './terms/by-anchor.js'
import { overPairs } from './terms/over-pairs.js'

/** Options of {@link IntraPairVarianceLoss}. */
export type IntraPairVarianceLossOptions = OptionsOf<typeof IntraPairVarianceLoss>

/**
 * `max(0, (1 - posEps) mean s⁺ - s)²` for positive pairs plus `max(0, s - (1 + negEps) mean s⁻)²` for negative
 * ones: it narrows the spread of similarities. For a distance the two sides change places. The means are
 * those of the selected pairs and carry a gradient. Meant to be added to another loss.
 *
 * Two terms, `posLoss` and `negLoss`, over pairs [n, m], reduced one by one. Default distance
 * {@link CosineSimilarity}, default reducer {@link MeanReducer}. Takes pairs, triplets (as their pairs)
 * and reference sets. Memory O(n m), in blocks of anchors beyond {@link blockBytes}.
 *
 * Yu, Tao: Deep Metric Learning with Tuplet Margin Loss (ICCV 2019), the intra-pair variance loss.
 *
 * @formula \max\bigl(0,\; (1 - \mathrm{posEps}) \, \mathrm{mean}(s^+) - s\bigr)^2
 * @formula \max\bigl(0,\; s - (1 + \mathrm{negEps}) \, \mathrm{mean}(s^-)\bigr)^2
 * @useWhen Beside another loss, in the paper {@link TupletMarginLoss}: it evens out similarities of either kind, and
 *   does not part the kinds.
 * @throws {OptionError} when an option is unknown or out of range.
 */
export class IntraPairVarianceLoss extends metricLoss({
  name: 'IntraPairVarianceLoss',
  distance: () => new CosineSimilarity(),
  reducer: () => new MeanReducer(),
  labels: 'unlessSelected',
  options: {
    /** How far below the mean a positive may be, as a share of the mean. Default 0.01. May be scheduled. */
    posEps: option.number({ default: 0.01, min: 0 }),
    /** How far above the mean a negative may be, as a share of the mean. Default 0.01. May be scheduled. */
    negEps: option.number({ default: 0.01, min: 0 }),
  },
  terms(inputs, { posEps, negEps }) {
    const { positive, negative } = inputs.pairs()
    const { isInverted } = inputs.distance
    return {
      posLoss: (isInverted ? below : above)(inputs.distances(), positive, posEps),
      negLoss: (isInverted ? above : below)(inputs.distances(), negative, negEps),
    }
  },
}) {}

/** max(0, (1 - eps) mean - d)² */
const below = (distances: tf.Tensor2D, weights: tf.Tensor2D, eps: FormulaNumber): LossTerm =>
  overPairs(weights, { d: distances, mean: shared(weightedMean(distances, weights)) }, ({ d, mean }) =>
    tf.square(relu(tf.sub(tf.mul(mean, scalars.sub(1, eps)), d))),
  )

/** max(0, d - (1 + eps) mean)² */
const above = (distances: tf.Tensor2D, weights: tf.Tensor2D, eps: FormulaNumber): LossTerm =>
  overPairs(weights, { d: distances, mean: shared(weightedMean(distances, weights)) }, ({ d, mean }) =>
    tf.square(relu(tf.sub(d, tf.mul(mean, scalars.add(1, eps))))),
  )
