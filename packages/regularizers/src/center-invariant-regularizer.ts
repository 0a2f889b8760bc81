import * as tf from '@tensorflow/tfjs-core'
import { expectDistance, LpDistance } from '@metric-learning/distances'
import { BaseRegularizer, type RegularizerOptions, type RegularizerTerm } from './base-regularizer.js'

/**
 * The squared difference of a row's squared norm to the mean of all, over 4: keeps the norms of all rows alike, so that no class of the rows is
 * favoured for its norm. Rows float32 [n, dim]; default reducer {@link MeanReducer}, to one number.
 *
 * Distance {@link LpDistance} with `power` 1 that does not normalise, no other; its p may vary.
 *
 * Wu et al.: Deep Face Recognition with Center Invariant Loss (2017), eq. 3.
 *
 * @formula r_i = \frac{1}{4} \left( \lVert x_i \rVert_p^2 - \frac{1}{n} \sum_j \lVert x_j \rVert_p^2 \right)^2
 * @useWhen Classes differ much in how many samples they have, so that the vectors of the large ones grow longer.
 * @example const loss = new CosFaceLoss({ numClasses: 10, embeddingSize: 64, weightRegularizer: new CenterInvariantRegularizer() })
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
