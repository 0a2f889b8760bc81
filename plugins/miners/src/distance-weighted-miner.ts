import * as tf from '@tensorflow/tfjs-core'
import { OptionError } from '@metric-learning/contracts'
import { LpDistance } from '@metric-learning/distances'
import { drawTriplets, option, valueBeside, type NegativeWeights } from '@metric-learning/ops'
import { unreachable } from './base/extreme.js'
import { metricMiner, type OptionsOf } from './base/metric-miner.js'

/** Options of {@link DistanceWeightedMiner}. */
export type DistanceWeightedMinerOptions = OptionsOf<typeof DistanceWeightedMiner>

/**
 * Draws negatives so that their distances from the anchor are spread evenly: each with a weight that is the inverse of how often
 * its distance d occurs among points of a sphere, 1 / q(d).
 *
 * Distances below `cutoff` count as `cutoff`; negatives at `nonzeroLossCutoff` or farther are never drawn, and an anchor that has no other
 * draws none. Positives are drawn uniformly. An anchor draws as many triplets, with replacement, as its class has samples, itself
 * included, or as `tripletsPerAnchor` says. Distance: {@link LpDistance} with p 2 and power 1, of normalised embeddings. Triplets
 * that are picked, [n, t]; memory O(n t), and blocks of [n, m].
 *
 * Statistics: `numTriplets`, those that are drawn.
 *
 * Wu et al.: Sampling Matters in Deep Embedding Learning (ICCV 2017), section 4: distance weighted sampling.
 *
 * @formula q(d) \propto d^{D-2} \bigl(1 - \tfrac{1}{4} d^2\bigr)^{\frac{D-3}{2}}, \qquad P(n \mid a) \propto \frac{1}{q(\max(d(a, n), \mathrm{cutoff}))}
 * @useWhen With MarginLoss, as in its paper: hard negatives and easy ones alike, without the noise of the hardest alone.
 * @throws {OptionError} when an option is unknown or out of range, or the distance is another.
 */
export class DistanceWeightedMiner extends metricMiner({
  name: 'DistanceWeightedMiner',
  selects: 'triplets',
  distance: () => new LpDistance(),
  onlyDistance: { normalizeEmbeddings: true, p: 2, power: 1 },
  draws: true,
  options: {
    /** Closer negatives are as likely as those at this distance. Above 0, below `nonzeroLossCutoff`. Default 0.5. */
    cutoff: option.fixedNumber({ default: 0.5, above: 0, max: 2 }),
    /** Negatives from here on are never drawn. At most 2. Default 1.4. */
    nonzeroLossCutoff: option.fixedNumber({ default: 1.4, above: 0, max: 2 }),
    /** How many triplets an anchor draws; for large memories, in which a class may have many samples. Default: as many as its class has samples. */
    tripletsPerAnchor: option.integer({ optional: true, min: 1 }),
    /** Fixes the draws. Two of this class with the same one draw alike in a step: give each its own. Default 0. */
    seed: option.integer({ default: 0 }),
  },
  checkOptions(who, { cutoff, nonzeroLossCutoff }) {
    if (cutoff < nonzeroLossCutoff) return
    throw new OptionError({ who, wanted: '`cutoff` below `nonzeroLossCutoff`', got: `${cutoff} and ${nonzeroLossCutoff}`, fix: 'Otherwise all negatives that may be drawn are alike.' })
  },
  select({ embeddings, references, distance, relations, draws }, { cutoff, nonzeroLossCutoff, tripletsPerAnchor, seed }) {
    const negatives: NegativeWeights = {
      rows: [embeddings],
      of: ([rows], ofRows, start) => {
        const distances = distance.matrix(rows as tf.Tensor2D, references, references === embeddings ? start : undefined)
        const isCandidate = tf.mul<tf.Tensor2D>(ofRows.negatives(), tf.cast(tf.less(distances, nonzeroLossCutoff), 'float32'))
        return inverseDensities(tf.maximum(distances, cutoff), isCandidate, embeddings.shape[1])
      },
    }
    if (tripletsPerAnchor !== undefined) return drawTriplets(relations, tripletsPerAnchor, draws(seed), negatives)
    const { maxPositives, positiveIndexMask, sameSet } = relations
    const self = sameSet ? 1 : 0
    const drawn = drawTriplets(relations, maxPositives + self, draws(seed), negatives)
    const ofClass = tf.add(tf.sum(positiveIndexMask, 1, true), self)
    return { ...drawn, weights: tf.mul<tf.Tensor2D>(drawn.weights, tf.cast(tf.less(tf.range(0, maxPositives + self), ofClass), 'float32')) }
  },
}) {}

/** 1 / q(d) of candidates, and 0 of others. Only the ratios in a row matter: its largest one is 1. */
function inverseDensities(d: tf.Tensor2D, isCandidate: tf.Tensor2D, dim: number): tf.Tensor2D {
  const logs = tf.sub(tf.mul(tf.log(d), 2 - dim), tf.mul(tf.log(tf.sub(1, tf.mul(tf.square(d), 0.25))), (dim - 3) / 2))
  const ofCandidates = tf.where(tf.greater(isCandidate, 0), logs, valueBeside(logs, -unreachable))
  return tf.mul<tf.Tensor2D>(tf.exp(tf.sub(ofCandidates, tf.max(ofCandidates, 1, true))), isCandidate)
}
