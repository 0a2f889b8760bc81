import * as tf from '@tensorflow/tfjs-core'
import { checkThroughout, OptionError } from '@metric-learning/contracts'
import { LpDistance } from '@metric-learning/distances'
import { option } from '@metric-learning/ops'
import { expectDiffersByMore, expectWithinReach } from './base/expect-within-reach.js'
import { meanOf } from './base/measures.js'
import { metricMiner, type MinerInputs, type OptionsOf } from './base/metric-miner.js'
import { tripletsWhere } from './base/triplets-where.js'

/** Options of {@link TripletMarginMiner}. */
export type TripletMarginMinerOptions = OptionsOf<typeof TripletMarginMiner>

/**
 * Keeps triplets by how much farther the negative is than the positive, t = d(a, n) - d(a, p); for a similarity
 * t = s(a, p) - s(a, n).
 *
 * `'all'` violate the margin, t ≤ margin; of these `'hard'` have the negative closer, t ≤ 0, and `'semihard'` farther, t > 0.
 * `'easy'` are those beyond the margin. Default distance {@link LpDistance}. Triplets by a rule: [n, k, m] are formed in blocks of
 * anchors, by the loss.
 *
 * Statistics: `numTriplets`, those that are selected; over all triplets the mean distances `posPairDist` of anchor and positive and
 * `negPairDist` of anchor and negative, of a similarity their negatives, and `avgTripletMargin`, how much larger the second is.
 *
 * Schroff, Kalenichenko, Philbin: FaceNet (CVPR 2015), section 3.2: semi-hard negatives, eq. 4.
 *
 * @formula d(a, n) - d(a, p) \le \mathrm{margin}
 * @useWhen Triplet losses: `'semihard'` where the hardest triplets collapse a young model; `'all'` drops what costs nothing.
 * @throws {OptionError} when an option is unknown, the margin is beyond what distances can be, or not above 0 beside `'semihard'`, or none that two of them can
 * differ by more than beside `'easy'`, or the
 * type is none of these.
 */
export class TripletMarginMiner extends metricMiner({
  name: 'TripletMarginMiner',
  selects: 'triplets',
  distance: () => new LpDistance(),
  options: {
    /** How much farther than the positive the negative has to be. In units of the distance. Default 0.2. May be scheduled. */
    margin: option.distanceUnits({ default: 0.2 }),
    /** Which triplets are kept. Default `'all'`. */
    typeOfTriplets: option.oneOf(['all', 'hard', 'semihard', 'easy'], { default: 'all' }),
  },
  checkOptions(who, { margin, typeOfTriplets }, distance) {
    expectWithinReach(who, 'margin', margin, distance, 'difference')
    if (typeOfTriplets === 'easy') expectDiffersByMore(who, 'margin', margin, distance)
    if (typeOfTriplets === 'semihard') {
      checkThroughout(`${who} margin of semi-hard triplets`, margin, (now) => {
        if (now > 0) return
        throw new OptionError({ who, wanted: "`margin` above 0 beside typeOfTriplets 'semihard'", got: String(now), fix: "A semi-hard negative is farther than the positive, by less than the margin. Triplets whose negative is closer are 'hard'." })
      })
    }
  },
  select(inputs, { margin, typeOfTriplets }) {
    return tripletsWhere(inputs, ({ ap, an }) => {
      const t = tf.sub(an, ap)
      switch (typeOfTriplets) {
        case 'all': return tf.lessEqual(t, margin)
        case 'hard': return tf.lessEqual(t, tf.minimum(margin, 0))
        case 'semihard': return tf.logicalAnd(tf.greater(t, 0), tf.lessEqual(t, margin))
        case 'easy': return tf.greater(t, margin)
      }
    }, typeOfTriplets === 'easy' ? 'near' : 'far')
  },
  // Of all triplets: of an anchor as many as it has positives, times its negatives.
  statistics: {
    avgTripletMargin: (_, inputs) => tf.sub(negativeDistance(inputs), positiveDistance(inputs)),
    posPairDist: (_, inputs) => positiveDistance(inputs),
    negPairDist: (_, inputs) => negativeDistance(inputs),
  },
}) {}

/** The mean distance of anchor and positive over all triplets; of a similarity its negative. */
function positiveDistance({ apart, relations }: MinerInputs): tf.Scalar {
  return meanOf(apart(), tf.mul(relations.positives(), tf.sum(relations.negatives(), 1, true)))
}

/** The same of anchor and negative. */
function negativeDistance({ apart, relations }: MinerInputs): tf.Scalar {
  return meanOf(apart(), tf.mul(relations.negatives(), tf.sum(relations.positives(), 1, true)))
}
