import * as tf from '@tensorflow/tfjs-core'
import { describeValue, OptionError } from '@metric-learning/contracts'
import { LpDistance } from '@metric-learning/distances'
import { option } from '@metric-learning/ops'
import { expectRangeWithinReach } from './base/expect-within-reach.js'
import { atExtreme, largestOf, smallestOf, type Extreme } from './base/extreme.js'
import { pairExtremes, tripletExtremes } from './base/pair-extremes.js'
import { metricMiner, type OptionsOf } from './base/metric-miner.js'

/** Options of {@link BatchEasyHardMiner}. */
export type BatchEasyHardMinerOptions = OptionsOf<typeof BatchEasyHardMiner>

const strategies = ['hard', 'semihard', 'easy', 'all'] as const
const range = option.value<readonly [number, number]>('two numbers, [least, most]', expectRange, { optional: true })

/**
 * One positive and one negative pair of each anchor, by two strategies.
 *
 * `'hard'` is the farthest positive, or the closest negative; `'easy'` the closest positive, or the farthest negative. A `'semihard'`
 * positive is the farthest that is closer than the chosen negative; a semi-hard negative the closest that is farther than the
 * chosen positive. `'all'` keeps every pair of its kind. An anchor that lacks one of the two pairs has none; beside `'all'` it
 * keeps what it has. Of equals the first.
 *
 * Default distance {@link LpDistance}. Pairs; memory O(n m). For triplet losses with `'hard'` twice, {@link BatchHardMiner} gives the
 * same as triplets that are picked, which cost less.
 *
 * Statistics: `numPosPairs`, `numNegPairs`, pairs that are selected; distances of the closest and the farthest of these,
 * `easiestPosPair` and `hardestPosPair`, `hardestNegPair` and `easiestNegPair`; how much farther the positive of an anchor is than its
 * negative, of a similarity how much less similar, at least `easiestTriplet` and at most `hardestTriplet`, 0 where a strategy is `'all'`.
 *
 * Xuan, Stylianou, Pless: Improved Embeddings with Easy Positive Triplet Mining (WACV 2020), section 3.
 *
 * @useWhen Classes that look different within: easy positives, with semi-hard negatives, do not pull a class into one point.
 * @throws {OptionError} when an option is unknown, a strategy is none of these, both go by the other (`'semihard'` twice), a
 * semi-hard one goes by `'all'`, or a range is empty or beyond what distances can be.
 */
export class BatchEasyHardMiner extends metricMiner({
  name: 'BatchEasyHardMiner',
  selects: 'pairs',
  distance: () => new LpDistance(),
  options: {
    /** Which positive of an anchor is kept. Default `'easy'`. */
    posStrategy: option.oneOf(strategies, { default: 'easy' }),
    /** Which negative of an anchor is kept. Default `'semihard'`. */
    negStrategy: option.oneOf(strategies, { default: 'semihard' }),
    /** Positives are looked for among distances of [least, most], as the distance gives them. Default: any. */
    allowedPosRange: range,
    /** The same of negatives. Default: any. */
    allowedNegRange: range,
  },
  checkOptions(who, { posStrategy, negStrategy, allowedPosRange, allowedNegRange }, distance) {
    const both = [posStrategy, negStrategy]
    if (both.includes('semihard') && (posStrategy === negStrategy || both.includes('all'))) {
      throw new OptionError({
        who,
        wanted: "beside 'semihard' a strategy that picks one pair by itself: 'hard' or 'easy'",
        got: `posStrategy '${posStrategy}' and negStrategy '${negStrategy}'`,
        fix: 'A semi-hard pair goes by the other one of its anchor.',
      })
    }
    if (allowedPosRange) expectRangeWithinReach(who, 'allowedPosRange', allowedPosRange, distance)
    if (allowedNegRange) expectRangeWithinReach(who, 'allowedNegRange', allowedNegRange, distance)
  },
  select({ apart, distances, relations }, { posStrategy, negStrategy, allowedPosRange, allowedNegRange }) {
    const positives = within(allowedPosRange, distances(), relations.positives())
    const negatives = within(allowedNegRange, distances(), relations.negatives())
    const far = apart()
    const positiveBy = (strategy: Strategy, among = positives) => (strategy === 'easy' ? smallestOf(far, among) : largestOf(far, among))
    const negativeBy = (strategy: Strategy, among = negatives) => (strategy === 'easy' ? largestOf(far, among) : smallestOf(far, among))
    const closerThan = ({ value, exists }: Extreme) => tf.mul(tf.mul(positives, tf.cast(tf.less(far, value), 'float32')), exists) as tf.Tensor2D
    const fartherThan = ({ value, exists }: Extreme) => tf.mul(tf.mul(negatives, tf.cast(tf.greater(far, value), 'float32')), exists) as tf.Tensor2D

    const positive = posStrategy === 'semihard' ? positiveBy('hard', closerThan(negativeBy(negStrategy))) : positiveBy(posStrategy)
    const negative = negStrategy === 'semihard' ? negativeBy('hard', fartherThan(positive)) : negativeBy(negStrategy)
    const kept = hasAll({ posStrategy, negStrategy }) ? 1 : tf.mul(positive.exists, negative.exists)
    const pairs = (strategy: Strategy, all: tf.Tensor2D, one: Extreme) =>
      strategy === 'all' ? all : (tf.mul(atExtreme(one, relations.referenceCount), kept) as tf.Tensor2D)
    return { kind: 'pairs', positive: pairs(posStrategy, positives, positive), negative: pairs(negStrategy, negatives, negative) }
  },
  // Triplets where neither strategy is 'all': an anchor has one pair of each kind.
  statistics: {
    easiestTriplet: (selection, inputs, options) => (hasAll(options) ? tf.scalar(0) : tripletExtremes.easiestTriplet(selection, inputs)),
    hardestTriplet: (selection, inputs, options) => (hasAll(options) ? tf.scalar(0) : tripletExtremes.hardestTriplet(selection, inputs)),
    ...pairExtremes,
  },
}) {}

type Strategy = (typeof strategies)[number]

const hasAll = ({ posStrategy, negStrategy }: { readonly posStrategy: Strategy; readonly negStrategy: Strategy }): boolean => posStrategy === 'all' || negStrategy === 'all'

/** Of a mask of pairs those whose distance is in a range. */
function within(bounds: readonly [number, number] | undefined, distances: tf.Tensor2D, mask: tf.Tensor2D): tf.Tensor2D {
  if (!bounds) return mask
  const isWithin = tf.logicalAnd(tf.greaterEqual(distances, bounds[0]), tf.lessEqual(distances, bounds[1]))
  return tf.mul(mask, tf.cast(isWithin, 'float32'))
}

function expectRange(who: string, name: string, given: readonly [number, number]): void {
  const [least, most] = Array.isArray(given) && given.length === 2 ? given : []
  if (Number.isFinite(least) && Number.isFinite(most) && least! <= most!) return
  throw new OptionError({ who, wanted: `\`${name}\` to be two numbers, the smaller first`, got: Array.isArray(given) ? `[${given.map(describeValue).join(', ')}]` : describeValue(given), fix: 'Pass distances, such as [0.2, 1].' })
}
