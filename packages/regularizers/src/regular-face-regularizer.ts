import * as tf from '@tensorflow/tfjs-core'
import { CosineSimilarity, expectSimilarity } from '@metric-learning/distances'
import { gatherColumns, identityMatrix, withoutGradient } from '@metric-learning/ops'
import { BaseRegularizer, type RegularizerOptions, type RegularizerTerm } from './base-regularizer.js'

/** Taken off the similarity of a row to itself, so that it is not the nearest of others. */
const outOfReach = 1e30

/**
 * The similarity of every row to the most similar other one: pushes the rows apart, as a rule the vectors of
 * classes. A row that is alone counts its similarity to itself. Rows float32 [n, dim]; default reducer
 * {@link MeanReducer}, to one number.
 *
 * Default distance {@link CosineSimilarity}; it has to be a similarity. Memory O(n²).
 *
 * Zhao et al.: RegularFace (CVPR 2019), eq. 5.
 *
 * @formula r_i = \max_{j \ne i} s(x_i, x_j)
 * @useWhen Classes should be spread evenly: beside a classifier with a softmax, which does not ask for it.
 * @example const loss = new ArcFaceLoss({ numClasses: 10, embeddingSize: 64, weightRegularizer: new RegularFaceRegularizer() })
 * @throws {OptionError} when an option is unknown, or the distance is not a similarity.
 */
export class RegularFaceRegularizer extends BaseRegularizer {
  constructor(options: RegularizerOptions = {}) {
    super('RegularFaceRegularizer', options, { distance: () => new CosineSimilarity() })
    expectSimilarity(this.name, this.distance)
  }

  protected computeTerm(rows: tf.Tensor2D): RegularizerTerm {
    const similarities = this.distance.matrix(rows)
    const nearest = withoutGradient(() => {
      const toOthers = tf.sub(similarities, tf.mul(identityMatrix(rows.shape[0]), outOfReach))
      return tf.expandDims<tf.Tensor2D>(tf.argMax(toOthers, 1), 1)
    })
    return { values: tf.squeeze(gatherColumns(similarities, nearest), [1]) }
  }
}
