import * as tf from '@tensorflow/tfjs-core'
import { OptionError } from '@metric-learning/contracts'
import { LpDistance } from '@metric-learning/distances'
import { drawIntegers, option } from '@metric-learning/ops'
import { drawnFromBins } from './base/drawn-from-bins.js'
import { metricMiner, type OptionsOf } from './base/metric-miner.js'

/** Each draw looks through a stretch of distances: so many are 256 MiB of them. */
const mostDraws = 2 ** 18

/** Options of {@link UniformHistogramMiner}. */
export type UniformHistogramMinerOptions = OptionsOf<typeof UniformHistogramMiner>

/**
 * Draws pairs so that their distances are spread evenly: from each bin of a histogram that has any, as many. Positive and
 * negative pairs each have a histogram of their own, of bins of equal width from the smallest distance to the largest one.
 *
 * Drawn with replacement: a pair that is drawn c times has weight c. Default distance {@link LpDistance}. Pairs, of large batches by a
 * rule; memory O(n m).
 *
 * Statistics: `numPosPairs`, `numNegPairs`, pairs that are drawn.
 *
 * `UniformHistogramMiner` of PyTorch Metric Learning.
 *
 * @useWhen Losses over pairs whose gradient should not be drowned by the many pairs at the usual distance.
 * @throws {OptionError} when an option is unknown, is no integer of at least 1, or more pairs than 262,144 would be drawn.
 */
export class UniformHistogramMiner extends metricMiner({
  name: 'UniformHistogramMiner',
  selects: 'pairs',
  distance: () => new LpDistance(),
  draws: true,
  options: {
    /** Bins of each of the two histograms, at most 1,024. Default 100. */
    numBins: option.integer({ default: 100, min: 1, max: 1024 }),
    /** Positive pairs that are drawn from each bin. Default 10. */
    posPerBin: option.integer({ default: 10, min: 1 }),
    /** Negative pairs that are drawn from each bin. Default 10. */
    negPerBin: option.integer({ default: 10, min: 1 }),
    /** Fixes the draws. Two of this class with the same one draw alike in a step: give each its own. Default 0. */
    seed: option.integer({ default: 0 }),
  },
  checkOptions(who, { numBins, posPerBin, negPerBin }) {
    const draws = numBins * (posPerBin + negPerBin)
    if (draws <= mostDraws) return
    const fix = 'A loss looks at all of them in every step: draw fewer from each bin.'
    throw new OptionError({ who, wanted: `\`numBins\` times \`posPerBin\` + \`negPerBin\` to be at most ${mostDraws}`, got: String(draws), fix })
  },
  select(inputs, { numBins, posPerBin, negPerBin, seed }) {
    const drawn = tf.reshape<tf.Rank.R2>(drawIntegers(numBins * (posPerBin + negPerBin), inputs.draws(seed)), [numBins, -1])
    const [positive, negative] = tf.split(drawn, [posPerBin, negPerBin], 1) as [tf.Tensor2D, tf.Tensor2D]
    return drawnFromBins(inputs, { positive, negative })
  },
}) {}
