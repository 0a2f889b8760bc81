import * as tf from '@tensorflow/tfjs-core'
import { BaseDistance } from './base-distance.js'

/** What similarities by dot product share: they differ in their options only. */
export abstract class InnerProductSimilarity extends BaseDistance {
  /** x_i · y_i of the embeddings as they are; {@link betweenRows} normalises. */
  pairwiseDistance(query: tf.Tensor2D, references: tf.Tensor2D): tf.Tensor1D {
    return this.computeRows(query, references)
  }

  protected computeMatrix(query: tf.Tensor2D, references: tf.Tensor2D): tf.Tensor2D {
    return tf.matMul(query, references, false, true)
  }

  protected computeRows(query: tf.Tensor2D, references: tf.Tensor2D): tf.Tensor1D {
    return tf.tidy(() => tf.sum<tf.Tensor1D>(tf.mul(query, references), 1))
  }
}
