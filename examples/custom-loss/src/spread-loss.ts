import * as tf from '@tensorflow/tfjs-core'
import type { LossTerms } from '@metric-learning/contracts'
import { CosineSimilarity } from '@metric-learning/distances'
import { MetricLoss, type LossInputs, type MetricLossOptions } from '@metric-learning/losses'
import { MeanReducer } from '@metric-learning/reducers'

/** Pushes classes apart and pulls each together: s² for every negative pair, (1 - s)² for every positive one, s its cosine. */
export class SpreadLoss extends MetricLoss {
  constructor(options: MetricLossOptions = {}) {
    super('SpreadLoss', options, { options: [], distance: () => new CosineSimilarity(), reducer: () => new MeanReducer() })
  }

  protected computeTerms(inputs: LossInputs): LossTerms {
    const similarities = this.distance.matrix(inputs.embeddings, inputs.references)
    const { positive, negative } = inputs.pairs()
    return {
      pull: { over: 'pair', values: tf.square(tf.sub(1, similarities)), weights: positive },
      push: { over: 'pair', values: tf.square(similarities), weights: negative },
    }
  }
}
