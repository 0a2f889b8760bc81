import * as tf from '@tensorflow/tfjs-core'
import { LpDistance } from '@metric-learning/distances'
import { fusedHardestPairs } from './base/hardest-pairs.js'
import { largestOfPositives, smallestOfNegatives } from './base/extreme.js'
import { pairExtremes, tripletExtremes } from './base/pair-extremes.js'
import { metricMiner, type OptionsOf } from './base/metric-miner.js'

/** Options of {@link BatchHardMiner}. */
export type BatchHardMinerOptions = OptionsOf<typeof BatchHardMiner>

/**
 * One triplet of each anchor: its farthest positive and its closest negative, of equals the first. An anchor that lacks one of
 * them has none.
 *
 * Default distance {@link LpDistance}. Triplets that are picked, [n, 1]; memory O(n), and blocks of [n, m] where no fused kernel finds them.
 *
 * Statistics: `numTriplets`, those that are selected; distances of the closest and the farthest of their pairs, `easiestPosPair` and
 * `hardestPosPair`, `hardestNegPair` and `easiestNegPair`; how much farther the positive of a triplet is than its negative, of a
 * similarity how much less similar, at least `easiestTriplet` and at most `hardestTriplet`.
 *
 * Hermans, Beyer, Leibe: In Defense of the Triplet Loss for Person Re-Identification (2017), eq. 5.
 *
 * @formula \bigl(a,\; \arg\max_p d(a, p),\; \arg\min_n d(a, n)\bigr)
 * @useWhen Triplet losses on clean labels: as many triplets as samples, and each is the one that costs most. An outlier is
 *   picked again and again.
 * @throws {OptionError} when an option is unknown.
 */
export class BatchHardMiner extends metricMiner({
  name: 'BatchHardMiner',
  selects: 'triplets',
  byAnchor: true,
  distance: () => new LpDistance(),
  options: {},
  fused: fusedHardestPairs,
  select({ apart, relations }) {
    const positive = largestOfPositives(apart(), relations)
    const negative = smallestOfNegatives(apart(), relations)
    return {
      kind: 'pickedTriplets',
      positiveIndex: positive.index,
      negativeIndex: negative.index,
      weights: tf.mul(positive.exists, negative.exists),
      referenceCount: relations.referenceCount,
    }
  },
  statistics: { ...tripletExtremes, ...pairExtremes },
}) {}
