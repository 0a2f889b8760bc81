import { SNRDistance } from '@metric-learning/distances'
import { option } from '@metric-learning/ops'
import { AvgNonZeroReducer } from '@metric-learning/reducers'
import { metricLoss, type OptionsOf } from './base/metric-loss.js'
import { contrastiveTerms } from './terms/contrastive-terms.js'

/** Options of {@link SignalToNoiseRatioContrastiveLoss}. */
export type SignalToNoiseRatioContrastiveLossOptions = OptionsOf<typeof SignalToNoiseRatioContrastiveLoss>

/**
 * `max(0, d(a, p) - posMargin)` for positive pairs plus `max(0, negMargin - d(a, n))` for negative ones, where d is
 * the noise-to-signal ratio of {@link SNRDistance} and no other distance.
 *
 * Two terms, `posLoss` and `negLoss`, over pairs [n, m], reduced one by one; default reducer
 * {@link AvgNonZeroReducer}. Takes pairs, triplets (as their pairs) and reference sets. Memory O(n m), in blocks of
 * anchors beyond {@link blockBytes}.
 *
 * Yuan et al.: Signal-to-Noise Ratio: A Robust Distance Metric for Deep Metric Learning (CVPR 2019), the contrastive
 * loss, without its regularisation, which is `embeddingRegularizer: new ZeroMeanRegularizer()`.
 *
 * @formula \max(0,\; d(a, p) - \mathrm{posMargin})
 * @formula \max(0,\; \mathrm{negMargin} - d(a, n))
 * @useWhen Pairs, where a difference should count in proportion to the variance of the anchor.
 * @throws {OptionError} when an option is unknown, a margin is not a finite number, or the distance is another.
 */
export class SignalToNoiseRatioContrastiveLoss extends metricLoss({
  name: 'SignalToNoiseRatioContrastiveLoss',
  distance: () => new SNRDistance(),
  onlyDistance: true,
  reducer: () => new AvgNonZeroReducer(),
  byAnchor: 'pairs',
  labels: 'unlessSelected',
  options: {
    /** Positives closer than this cost nothing. Default 0. May be scheduled. */
    posMargin: option.distanceUnits({ default: 0 }),
    /** Negatives farther than this cost nothing. Default 1. May be scheduled. */
    negMargin: option.distanceUnits({ default: 1 }),
  },
  terms: contrastiveTerms,
}) {}
