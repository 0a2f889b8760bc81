import * as tf from '@tensorflow/tfjs-core'
import { CosineSimilarity } from '@metric-learning/distances'
import { metricLoss, option, overPairs } from '@metric-learning/losses'
import { MeanReducer } from '@metric-learning/reducers'

/**
 * Pulls pairs of one class together, and pushes other pairs below a similarity:
 *
 *     1 - s                 of each positive pair, s its cosine
 *     max(0, s - margin)    of each negative pair
 *
 * The means of both are added. Memory O(n m), for n embeddings against m references.
 *
 * The cosine embedding loss of `torch.nn.CosineEmbeddingLoss`. (Put your own formula here, and where it is from.)
 *
 * @throws {OptionError} when an option is unknown or out of range.
 */
export class ExampleLoss extends metricLoss({
  name: 'ExampleLoss',
  distance: () => new CosineSimilarity(),
  reducer: () => new MeanReducer(),
  options: {
    /** How similar negatives may be. A cosine, from -1 to 1. Default 0.3. May be scheduled. */
    margin: option.number({ default: 0.3, min: -1, max: 1 }),
  },
  terms(inputs, { margin }) {
    const { positive, negative } = inputs.pairs()
    const similarities = inputs.distances()
    return {
      pull: overPairs(positive, { s: similarities }, ({ s }) => tf.sub(1, s)),
      push: overPairs(negative, { s: similarities }, ({ s }) => tf.relu(tf.sub(s, margin))),
    }
  },
}) {}
