import * as tf from '@tensorflow/tfjs-core'
import { CosineSimilarity } from '@metric-learning/distances'
import { option } from '@metric-learning/ops'
import { expectDiffersByMore, expectWithinReach } from './base/expect-within-reach.js'
import { largestOf, smallestOf } from './base/extreme.js'
import { metricMiner, type OptionsOf } from './base/metric-miner.js'

/** Options of {@link MultiSimilarityMiner}. */
export type MultiSimilarityMinerOptions = OptionsOf<typeof MultiSimilarityMiner>

/**
 * Keeps the pairs of an anchor that are informative beside its hardest opposite pair.
 *
 * For a similarity: the positive p if s(a, p) - ε < max_n s(a, n), the negative n if
 * s(a, n) + ε > min_p s(a, p). For a distance the same with all signs turned. An anchor without
 * negatives keeps no positives, and the other way round. Default distance {@link CosineSimilarity}. Pairs; memory O(n m).
 *
 * Statistics: `numPosPairs`, `numNegPairs`, pairs that are selected.
 *
 * Wang et al.: Multi-Similarity Loss with General Pair Weighting (CVPR 2019), section 4: pair mining.
 *
 * @formula s(a, p) - \epsilon < \max_n s(a, n)
 * @formula s(a, n) + \epsilon > \min_p s(a, p)
 * @useWhen Losses over pairs, and a sound first choice with triplet losses: it adapts to what the batch offers.
 * @throws {OptionError} when an option is unknown, or `epsilon` is not a finite number, or more than two distances can differ by, or so
 * far below 0 that nothing would be selected.
 */
export class MultiSimilarityMiner extends metricMiner({
  name: 'MultiSimilarityMiner',
  selects: 'pairs',
  byAnchor: true,
  distance: () => new CosineSimilarity(),
  options: {
    /** How far a pair may be on the right side of the hardest opposite one and still be kept. Default 0.1. May be scheduled. */
    epsilon: option.number({ default: 0.1 }),
  },
  checkOptions(who, { epsilon }, distance) {
    expectWithinReach(who, 'epsilon', epsilon, distance, 'difference')
    expectDiffersByMore(who, 'epsilon', epsilon, distance, -1)
  },
  select({ apart, relations }, { epsilon }) {
    const [distances, positives, negatives] = [apart(), relations.positives(), relations.negatives()]
    const [farthestPositive, nearestNegative] = [largestOf(distances, positives), smallestOf(distances, negatives)]
    return {
      kind: 'pairs',
      positive: tf.mul(positives, isGreater(tf.add(distances, epsilon), nearestNegative.value)),
      negative: tf.mul(negatives, isGreater(farthestPositive.value, tf.sub(distances, epsilon))),
    }
  },
}) {}

const isGreater = (x: tf.Tensor2D, y: tf.Tensor2D): tf.Tensor2D => tf.cast(tf.greater<tf.Tensor2D>(x, y), 'float32')
