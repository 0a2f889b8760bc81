import * as tf from '@tensorflow/tfjs-core'
import { CosineSimilarity } from '@metric-learning/distances'
import { metricLoss, overPairs } from '@metric-learning/losses'
import { MeanReducer } from '@metric-learning/reducers'

/** Pushes classes apart and pulls each together: s² for every negative pair, (1 - s)² for every positive one, s its cosine. */
export class SpreadLoss extends metricLoss({
  name: 'SpreadLoss',
  distance: () => new CosineSimilarity(),
  reducer: () => new MeanReducer(),
  options: {},
  terms(inputs) {
    const { positive, negative } = inputs.pairs()
    const similarities = inputs.distances()
    return {
      pull: overPairs(positive, { s: similarities }, ({ s }) => tf.square(tf.sub(1, s))),
      push: overPairs(negative, { s: similarities }, ({ s }) => tf.square(s)),
    }
  },
}) {}
