import { expectNumber, type LossTerms } from '@metric-learning/contracts'
import { expectDistance, SNRDistance } from '@metric-learning/distances'
import type { Schedulable } from '@metric-learning/ops'
import { AvgNonZeroReducer } from '@metric-learning/reducers'
import { contrastiveTerms, type ContrastiveMargins } from './base/contrastive-terms.js'
import type { LossInputs } from './base/loss-inputs.js'
import { MetricLoss, type MetricLossOptions } from './base/metric-loss.js'

/** Options of {@link SignalToNoiseRatioContrastiveLoss}. */
export type SignalToNoiseRatioContrastiveLossOptions = MetricLossOptions & ContrastiveMargins

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
export class SignalToNoiseRatioContrastiveLoss extends MetricLoss {
  readonly posMargin: Schedulable
  readonly negMargin: Schedulable

  constructor(options: SignalToNoiseRatioContrastiveLossOptions = {}) {
    super('SignalToNoiseRatioContrastiveLoss', options, {
      options: ['posMargin', 'negMargin'],
      distance: () => new SNRDistance(),
      reducer: () => new AvgNonZeroReducer(),
      labels: 'unlessSelected',
    })
    const { posMargin = 0, negMargin = 1 } = options
    expectNumber(this.name, 'posMargin', posMargin)
    expectNumber(this.name, 'negMargin', negMargin)
    expectDistance(this.name, this.distance, 'SNRDistance')
    this.posMargin = posMargin
    this.negMargin = negMargin
  }

  protected computeTerms(inputs: LossInputs): LossTerms {
    return contrastiveTerms(inputs, this.distance, this)
  }
}
