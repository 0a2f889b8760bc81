import { LpDistance } from '@metric-learning/distances'
import { option } from '@metric-learning/ops'
import { AvgNonZeroReducer } from '@metric-learning/reducers'
import { metricLoss, type OptionsOf } from './base/metric-loss.js'
import { contrastiveTerms } from './terms/contrastive-terms.js'
import { fusedHinges } from './terms/fused-hinges.js'

/** Options of {@link ContrastiveLoss}. */
export type ContrastiveLossOptions = OptionsOf<typeof ContrastiveLoss>

/**
 * `max(0, d(a, p) - posMargin)` for positive pairs plus `max(0, negMargin - d(a, n))` for negative ones;
 * for a similarity the differences turn round.
 *
 * Two terms, `posLoss` and `negLoss`, over pairs [n, m], reduced one by one. Default distance
 * {@link LpDistance}, default reducer {@link AvgNonZeroReducer}. Takes pairs, triplets (as their
 * pairs) and reference sets. Memory O(n m), in blocks of anchors beyond {@link blockBytes}; O(n + m) where a fused kernel adds up all pairs
 * that labels allow.
 *
 * Hadsell, Chopra, LeCun: Dimensionality Reduction by Learning an Invariant Mapping (2006), eq. 4,
 * without the square.
 *
 * @formula \max(0,\; d(a, p) - \mathrm{posMargin})
 * @formula \max(0,\; \mathrm{negMargin} - d(a, n))
 * @useWhen The plainest loss over pairs, and a baseline. Both margins are distances that one can think of.
 * @throws {OptionError} when an option is unknown, or a margin is no finite number or no cosine where the distance is one.
 */
export class ContrastiveLoss extends metricLoss({
  name: 'ContrastiveLoss',
  distance: () => new LpDistance(),
  reducer: () => new AvgNonZeroReducer(),
  byAnchor: 'pairs',
  labels: 'unlessSelected',
  options: {
    /** Positives closer than this cost nothing. In units of the distance; for a similarity 1 makes sense. Default 0. May be scheduled. */
    posMargin: option.distanceUnits({ default: 0 }),
    /** Negatives farther than this cost nothing. In units of the distance; for a similarity 0 makes sense. Default 1. May be scheduled. */
    negMargin: option.distanceUnits({ default: 1 }),
  },
  fused: fusedHinges,
  terms: contrastiveTerms,
}) {}
