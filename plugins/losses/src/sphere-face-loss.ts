import * as tf from '@tensorflow/tfjs-core'
import { lpNorm } from '@metric-learning/distances'
import { AngleMultipleLoss, type AngleMultipleLossOptions } from './base/angle-multiple-loss.js'

/** Options of {@link SphereFaceLoss}. */
export type SphereFaceLossOptions = AngleMultipleLossOptions

/**
 * Cross entropy over scale · ‖x‖ cos θ_c, with ψ(θ_y) in place of cos θ_y at the class y of the embedding x:
 * ψ(θ) = (-1)^k cos(margin · θ) - 2k for θ between kπ / margin and (k + 1)π / margin. The vectors of the classes
 * count as if they had norm 1.
 *
 * One term, `loss`, over elements [n]. Distance {@link CosineSimilarity}, no other; default reducer
 * {@link MeanReducer}. Parameter `W` [embeddingSize, numClasses], from N(0, 1).
 *
 * Liu et al.: SphereFace (CVPR 2017), eq. 7.
 *
 * @throws {OptionError} when an option is unknown or out of range.
 */
export class SphereFaceLoss extends AngleMultipleLoss {
  constructor(options: SphereFaceLossOptions) {
    super('SphereFaceLoss', options)
  }

  protected lengths(embeddings: tf.Tensor2D): tf.Tensor2D {
    return tf.expandDims(lpNorm(embeddings, 2) as tf.Tensor1D, 1)
  }
}
