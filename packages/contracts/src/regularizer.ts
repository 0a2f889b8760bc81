import type * as tf from '@tensorflow/tfjs-core'
import type { LossTerms } from './loss.js'

/** A price on the shape of embeddings or of the learnable weights of a loss, whatever their labels. */
export interface Regularizer {
  readonly name: string
  /**
   * The price, float32 [].
   *
   * @param rows float32 [n, dim]: embeddings, or one learnable vector a row
   */
  compute(rows: tf.Tensor2D): tf.Scalar
  /** The same before it is reduced. */
  terms(rows: tf.Tensor2D): LossTerms
}
