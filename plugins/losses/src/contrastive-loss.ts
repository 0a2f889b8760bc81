import type { LossTerms } from '@metric-learning/contracts'
import { LpDistance } from '@metric-learning/distances'
import type { Schedulable } from '@metric-learning/ops'
import { AvgNonZeroReducer } from '@metric-learning/reducers'
import { contrastiveTerms, type ContrastiveMargins } from './base/contrastive-terms.js'
import { expectDistanceUnits } from './base/expect-distance-units.js'
import type { LossInputs } from './base/loss-inputs.js'
import { MetricLoss, type MetricLossOptions } from './base/metric-loss.js'

/** Options of {@link ContrastiveLoss}. */
export type ContrastiveLossOptions = MetricLossOptions & ContrastiveMargins

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
export class ContrastiveLoss extends MetricLoss {
  readonly posMargin: Schedulable
  readonly negMargin: Schedulable

  constructor(options: ContrastiveLossOptions = {}) {
    super('ContrastiveLoss', options, {
      options: ['posMargin', 'negMargin'],
      distance: () => new LpDistance(),
      reducer: () => new AvgNonZeroReducer(),
      labels: 'unlessSelected',
    })
    const { posMargin = 0, negMargin = 1 } = options
    expectDistanceUnits(this.name, 'posMargin', posMargin, this.distance)
    expectDistanceUnits(this.name, 'negMargin', negMargin, this.distance)
    this.posMargin = posMargin
    this.negMargin = negMargin
  }

  protected computeTerms(inputs: LossInputs): LossTerms {
    return contrastiveTerms(inputs, this.distance, this)
  }
}
