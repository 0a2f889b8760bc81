import type * as tf from '@tensorflow/tfjs-core'
import type { LossTerms } from '@metric-learning/contracts'
import { LpDistance } from '@metric-learning/distances'
import { relu } from '@metric-learning/ops'
import { AvgNonZeroReducer } from '@metric-learning/reducers'
import type { LossInputs } from './base/loss-inputs.js'
import { metricLoss, type OptionsOf } from './base/metric-loss.js'
import { option } from './base/option.js'
import { overPairs } from './terms/over-pairs.js'

/** Options of {@link ContrastiveLoss}. */
export type ContrastiveLossOptions = OptionsOf<typeof ContrastiveLoss>

/**
 * max(0, d(a, p) - posMargin) for positive pairs plus max(0, negMargin - d(a, n)) for negative ones;
 * for a similarity the differences turn round.
 *
 * Two terms, `posLoss` and `negLoss`, over pairs [n, m], reduced one by one. Default distance
 * {@link LpDistance}, default reducer {@link AvgNonZeroReducer}. Takes pairs, triplets (as their
 * pairs) and reference sets. Memory O(n m), in blocks of anchors beyond {@link blockBytes}.
 *
 * Hadsell, Chopra, LeCun: Dimensionality Reduction by Learning an Invariant Mapping (2006), eq. 4,
 * without the square.
 *
 * @throws {OptionError} when an option is unknown, or a margin is no finite number or no cosine where the distance is one.
 */
export class ContrastiveLoss extends metricLoss({
  name: 'ContrastiveLoss',
  distance: () => new LpDistance(),
  reducer: () => new AvgNonZeroReducer(),
  labels: 'unlessSelected',
  options: {
    /** Positives closer than this cost nothing. In units of the distance; for a similarity 1 makes sense. Default 0. May be scheduled. */
    posMargin: option.distanceUnits({ default: 0 }),
    /** Negatives farther than this cost nothing. In units of the distance; for a similarity 0 makes sense. Default 1. May be scheduled. */
    negMargin: option.distanceUnits({ default: 1 }),
  },
  terms: contrastiveTerms,
}) {}

interface ContrastiveMargins {
  readonly posMargin: number | tf.Scalar
  readonly negMargin: number | tf.Scalar
}

/** max(0, d - posMargin) of positive pairs as `posLoss`, max(0, negMargin - d) of negative ones as `negLoss`. */
export function contrastiveTerms(inputs: LossInputs, { posMargin, negMargin }: ContrastiveMargins): LossTerms {
  const { distance } = inputs
  const { positive, negative } = inputs.pairs()
  const distances = inputs.distances()
  return {
    posLoss: overPairs(positive, { d: distances }, ({ d }) => relu(distance.margin(d, posMargin))),
    negLoss: overPairs(negative, { d: distances }, ({ d }) => relu(distance.margin(negMargin, d))),
  }
}
