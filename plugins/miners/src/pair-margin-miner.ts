import * as tf from '@tensorflow/tfjs-core'
import { LpDistance } from '@metric-learning/distances'
import { option, scalars } from '@metric-learning/ops'
import { expectSelectsSome, expectWithinReach } from './base/expect-within-reach.js'
import { meanOf } from './base/measures.js'
import { metricMiner, type OptionsOf } from './base/metric-miner.js'

/** Options of {@link PairMarginMiner}. */
export type PairMarginMinerOptions = OptionsOf<typeof PairMarginMiner>

/**
 * Keeps positives farther than `posMargin` and negatives closer than `negMargin`; of a similarity s positives with
 * s < posMargin and negatives with s > negMargin.
 *
 * Default distance {@link LpDistance}; the default margins are for it. Pairs; memory O(n m).
 *
 * Statistics: `numPosPairs`, `numNegPairs`, pairs that are selected; `posPairDist`, `negPairDist`, mean distances of all pairs.
 *
 * `PairMarginMiner` of PyTorch Metric Learning: the pairs of which a contrastive loss with these margins is above 0. Hadsell, Chopra,
 * LeCun: Dimensionality Reduction by Learning an Invariant Mapping (CVPR 2006).
 *
 * @formula d(a, p) > \mathrm{posMargin}, \qquad d(a, n) < \mathrm{negMargin}
 * @useWhen Losses over pairs whose distances are comparable over the whole batch, such as ContrastiveLoss.
 * @throws {OptionError} when an option is unknown, or a margin is beyond what distances can be, or leaves nothing beyond it.
 */
export class PairMarginMiner extends metricMiner({
  name: 'PairMarginMiner',
  selects: 'pairs',
  byAnchor: true,
  distance: () => new LpDistance(),
  options: {
    /** How far apart positives are that are kept, at least. In units of the distance. Default 0.2. May be scheduled. */
    posMargin: option.distanceUnits({ default: 0.2 }),
    /** How far apart negatives are that are kept, at most. In units of the distance. Default 0.8. May be scheduled. */
    negMargin: option.distanceUnits({ default: 0.8 }),
  },
  checkOptions(who, { posMargin, negMargin }, distance) {
    expectWithinReach(who, 'posMargin', posMargin, distance)
    expectWithinReach(who, 'negMargin', negMargin, distance)
    expectSelectsSome(who, 'posMargin', posMargin, distance, 'farther')
    expectSelectsSome(who, 'negMargin', negMargin, distance, 'closer')
  },
  select({ apart, distance, relations }, { posMargin, negMargin }) {
    // How far apart, as `apart` counts it: a similarity negatively.
    const farther = (margin: typeof posMargin) => (distance.isInverted ? scalars.neg(margin) : margin)
    const isFar = tf.cast(tf.greater<tf.Tensor2D>(apart(), farther(posMargin)), 'float32')
    const isClose = tf.cast(tf.less<tf.Tensor2D>(apart(), farther(negMargin)), 'float32')
    return { kind: 'pairs', positive: tf.mul(relations.positives(), isFar), negative: tf.mul(relations.negatives(), isClose) }
  },
  // Of all pairs, as far as the distance puts them.
  statistics: {
    posPairDist: (_, { distances, relations }) => meanOf(distances(), relations.positives()),
    negPairDist: (_, { distances, relations }) => meanOf(distances(), relations.negatives()),
  },
}) {}
