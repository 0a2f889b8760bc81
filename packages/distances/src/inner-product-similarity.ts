import * as tf from '@tensorflow/tfjs-core'
import { sumOver } from '@metric-learning/ops'
import { BaseDistance } from './base-distance.js'

/** What similarities by dot product share: they differ in their options only. */
export abstract class InnerProductSimilarity extends BaseDistance {
  /** x_i · y_i of the embeddings as they are; {@link betweenRows} normalises. */
  pairwiseDistance(query: tf.Tensor2D, references: tf.Tensor2D): tf.Tensor1D {
    return this.computeRows(query, references)
  }

  protected computeMatrix(query: tf.Tensor2D, references: tf.Tensor2D): tf.Tensor2D {
    return query === references ? productsAmongRows(query) : tf.matMul(query, references, false, true)
  }

  protected computeRows(query: tf.Tensor2D, references: tf.Tensor2D): tf.Tensor1D {
    return tf.tidy(() => sumOver<tf.Tensor1D>(tf.mul(query, references), 1))
  }
}

/** x_i · x_j: float32 [n, n]. Its gradient takes one matrix product, (dy + dyᵀ) x. */
function productsAmongRows(rows: tf.Tensor2D): tf.Tensor2D {
  const products = tf.customGrad((x, save) => {
    ;(save as tf.GradSaveFunc)([x as tf.Tensor2D])
    return {
      value: tf.matMul(x as tf.Tensor2D, x as tf.Tensor2D, false, true),
      gradFunc: (dy, [of]) => tf.matMul(tf.add(dy, tf.transpose(dy as tf.Tensor2D)) as tf.Tensor2D, of as tf.Tensor2D),
    }
  })
  return products(rows) as tf.Tensor2D
}
