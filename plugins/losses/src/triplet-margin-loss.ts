import * as tf from '@tensorflow/tfjs-core'
import { LpDistance } from '@metric-learning/distances'
import { option, relu } from '@metric-learning/ops'
import { AvgNonZeroReducer } from '@metric-learning/reducers'
import { metricLoss, type OptionsOf } from './base/metric-loss.js'
import { drawBuffers, tripletsPerAnchor } from './base/drawn-triplets.js'
import { overTriplets } from './terms/over-triplets.js'

/** Options of {@link TripletMarginLoss}. */
export type TripletMarginLossOptions = OptionsOf<typeof TripletMarginLoss>

/**
 * `max(0, d(a, p) - d(a, n) + margin)` for every triplet of an anchor, a positive and a negative; for a
 * similarity s it is `max(0, s(a, n) - s(a, p) + margin)`.
 *
 * One term, `loss`, over triplets [n, k, m]. Default distance {@link LpDistance}, default reducer
 * {@link AvgNonZeroReducer}. Takes pairs (those of an anchor are joined), triplets and reference sets.
 * Memory O(n k m), where k is the largest number of positives of an anchor, in blocks of anchors beyond {@link blockBytes}.
 *
 * With `tripletsPerAnchor` as a number t the term is over drawn triplets [n, t, 1]; where no run counts them the buffer `draws`
 * says how far they are. Memory O(n (m + t)).
 *
 * Schroff, Kalenichenko, Philbin: FaceNet (CVPR 2015), section 3.1: the hinge of the constraint in eq. 1, without squares.
 * `swap`: Balntas et al.: Learning local feature descriptors with triplets and shallow convolutional neural networks (BMVC
 * 2016), section 3.
 *
 * @formula \max(0,\; d(a, p) - d(a, n) + \mathrm{margin})
 * @formula \max(0,\; s(a, n) - s(a, p) + \mathrm{margin})
 * @useWhen Triplets, from labels or from a miner: the order of distances matters, not their size. A miner keeps
 *   triplets in it that still cost something.
 * @throws {OptionError} when an option is unknown or out of range.
 */
export class TripletMarginLoss extends metricLoss({
  name: 'TripletMarginLoss',
  distance: () => new LpDistance(),
  reducer: () => new AvgNonZeroReducer(),
  byAnchor: ({ tripletsPerAnchor, swap }) => (tripletsPerAnchor === 'all' && !swap ? 'triplets' : undefined),
  compares: 'triplets',
  options: {
    /** How much farther than the positive the negative has to be. In units of the distance. Default 0.05. May be scheduled. */
    margin: option.distanceUnits({ default: 0.05 }),
    /** Takes the negative's distance to the positive where that is smaller than to the anchor. Default false. */
    swap: option.flag({ default: false }),
    /** log(1 + exp(v)) in place of max(0, v). Default false. */
    smoothLoss: option.flag({ default: false }),
    /**
     * How many triplets of each anchor are looked at: all, or so many that are drawn anew in every call, positives and negatives
     * uniformly and with replacement. Holds where no selection is given. Default `'all'`.
     */
    tripletsPerAnchor,
    /** Fixes the draws. Default 0. */
    seed: option.integer({ default: 0 }),
  },
  buffers: drawBuffers,
  terms(inputs, options, variables) {
    const { margin, swap, smoothLoss } = options
    const { distance } = inputs
    const distances = { distances: inputs, amongReferences: swap ? inputs.distancesAmongReferences() : undefined }
    const loss = overTriplets(inputs.triplets(options, variables.draws), distances, {}, ({ ap, an, pn }) => {
      const toNegative = pn ? distance.closest(an, pn) : an
      const violation = distance.margin(distance.isInverted ? tf.sub(ap, margin) : tf.add(ap, margin), toNegative)
      return smoothLoss ? tf.softplus(violation) : relu(violation)
    })
    return { loss }
  },
}) {}
