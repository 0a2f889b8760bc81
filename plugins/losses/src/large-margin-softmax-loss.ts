import * as tf from '@tensorflow/tfjs-core'
import { AngleMultipleLoss, type AngleMultipleLossOptions } from './base/angle-multiple-loss.js'

/** Options of {@link LargeMarginSoftmaxLoss}. */
export type LargeMarginSoftmaxLossOptions = AngleMultipleLossOptions

/**
 * Cross entropy over scale · ‖x‖ ‖w_c‖ cos θ_c = scale · x · w_c, with ψ(θ_y) in place of cos θ_y at the class y of
 * the embedding x: ψ(θ) = (-1)^k cos(margin · θ) - 2k for θ between kπ / margin and (k + 1)π / margin.
 *
 * One term, `loss`, over elements [n]. Distance {@link CosineSimilarity}, no other; default reducer
 * {@link MeanReducer}. Parameter `W` [embeddingSize, numClasses], from N(0, 1).
 *
 * Liu et al.: Large-Margin Softmax Loss (ICML 2016), eq. 4 and 6.
 *
 * @throws {OptionError} when an option is unknown or out of range.
 */
export class LargeMarginSoftmaxLoss extends AngleMultipleLoss {
  constructor(options: LargeMarginSoftmaxLossOptions) {
    super('LargeMarginSoftmaxLoss', options)
  }

  protected lengths(embeddings: tf.Tensor2D): tf.Tensor2D {
    const ofEmbeddings = tf.expandDims(this.distance.norm(embeddings), 1)
    return tf.mul(ofEmbeddings, tf.expandDims(this.distance.norm(this.vectors()), 0))
  }
}
