import { SNRDistance } from '@metric-learning/distances'
import { AvgNonZeroReducer } from '@metric-learning/reducers'
import { metricLoss, type OptionsOf } from './base/metric-loss.js'
import { option } from './base/option.js'
import { contrastiveTerms } from './contrastive-loss.js'

/** Options of {@link SignalToNoiseRatioContrastiveLoss}. */
export type SignalToNoiseRatioContrastiveLossOptions = OptionsOf<typeof SignalToNoiseRatioContrastiveLoss>

/**
 * max(0, d(a, p) - posMargin) for positive pairs plus max(0, negMargin - d(a, n)) for negative ones, where d is
 * the noise-to-signal ratio of {@link SNRDistance} and no other distance.
 *
 * Two terms, `posLoss` and `negLoss`, over pairs [n, m], reduced one by one; default reducer
 * {@link AvgNonZeroReducer}. Takes pairs, triplets (as their pairs) and reference sets. Memory O(n m), in blocks of
 * anchors beyond {@link blockBytes}.
 *
 * Yuan et al.: Signal-to-Noise Ratio: A Robust Distance Metric for Deep Metric Learning (CVPR 2019), the contrastive
 * loss, without its regularisation, which is `embeddingRegularizer: new ZeroMeanRegularizer()`.
 *
 * @throws {OptionError} when an option is unknown, a margin is not a finite number, or the distance is another.
 */
export class SignalToNoiseRatioContrastiveLoss extends metricLoss({
  name: 'SignalToNoiseRatioContrastiveLoss',
  distance: () => new SNRDistance(),
  onlyDistance: { measure: 'SNRDistance' },
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
