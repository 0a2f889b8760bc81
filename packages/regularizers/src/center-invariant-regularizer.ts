import * as tf from '@tensorflow/tfjs-core'
import { expectDistance, LpDistance } from '@metric-learning/distances'
import { BaseRegularizer, type RegularizerOptions, type RegularizerTerm } from './base-regularizer.js'

/**
 * (s_i - mean_j s_j)² / 4 with s_i = ‖x_i‖_p²: keeps the norms of all rows alike, so that no class of the rows is
 * favoured for its norm. Rows float32 [n, dim]; default reducer {@link MeanReducer}, to one number.
 *
 * Distance {@link LpDistance} with `power` 1 that does not normalise, no other; its p may vary.
 *
 * Wu et al.: Deep Face Recognition with Center Invariant Loss (2017), eq. 3.
 *
 * @throws {OptionError} when an option is unknown, or the distance another.
 */
export class CenterInvariantRegularizer extends BaseRegularizer {
  constructor(options: RegularizerOptions = {}) {
    super('CenterInvariantRegularizer', options, { distance: () => new LpDistance({ normalizeEmbeddings: false }) })
    expectDistance(this.name, this.distance, 'LpDistance', { power: 1, normalizeEmbeddings: false })
  }

  protected computeTerm(rows: tf.Tensor2D): RegularizerTerm {
    const squaredNorms = tf.square(this.distance.norm(rows))
    return { values: tf.div(tf.square(tf.sub(squaredNorms, tf.mean(squaredNorms))), 4) }
  }
}
