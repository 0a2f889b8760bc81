import * as tf from '@tensorflow/tfjs-core'
import { CosineSimilarity } from '@metric-learning/distances'
import { metricLoss, option, overPairs } from '@metric-learning/losses'
import { MeanReducer } from '@metric-learning/reducers'

/**
 * Pulls each class together, and spreads classes apart:
 *
 *     (1 - s)²                  of each positive pair, s its cosine
 *     max(0, s - threshold)²    of each negative pair
 *
 * The means of both are added; 0 where there is no pair. Memory O(n m), for n embeddings against m references.
 *
 * @throws {OptionError} when an option is unknown or out of range.
 * @see Hadsell, Chopra, LeCun 2006, Dimensionality Reduction by Learning an Invariant Mapping: squared hinges of pairs, there of distances.
 */
export class SpreadLoss extends metricLoss({
  name: 'SpreadLoss',
  distance: () => new CosineSimilarity(),
  reducer: () => new MeanReducer(),
  options: {
    /** How similar negatives may be. A cosine, from -1 to 1. Default 0. May be scheduled. */
    threshold: option.number({ default: 0, min: -1, max: 1 }),
  },
  terms(inputs, { threshold }) {
    const { positive, negative } = inputs.pairs()
    const similarities = inputs.distances()
    return {
      pull: overPairs(positive, { s: similarities }, ({ s }) => tf.square(tf.sub(1, s))),
      push: overPairs(negative, { s: similarities }, ({ s }) => tf.square(tf.relu(tf.sub(s, threshold)))),
    }
  },
}) {}
