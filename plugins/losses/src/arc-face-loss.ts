import type * as tf from '@tensorflow/tfjs-core'
import type { Schedulable } from '@metric-learning/ops'
import { addAngle } from './base/add-angle.js'
import { CosineMarginLoss, type CosineMarginLossOptions } from './base/cosine-margin-loss.js'
import { expectDegrees, toRadians } from './base/degrees.js'
import type { MarginResult } from './base/margin-cross-entropy.js'

/** Options of {@link ArcFaceLoss}. */
export interface ArcFaceLossOptions extends CosineMarginLossOptions {
  /** Added to the angle between an embedding and the vector of its class. In degrees. Default 28.6 (0.5 rad). May be scheduled. */
  readonly margin?: Schedulable
}

/**
 * Additive angular margin: cross entropy over scale · cos θ_c, where θ_c is the angle between an
 * embedding and the vector of class c, and cos(θ_y + margin) takes the place of cos θ_y at the class
 * y of the embedding. Where θ_y + margin passes 180° it is cos θ_y - margin sin(margin), margin in
 * radians, which goes on falling.
 *
 * One term, `loss`, over elements [n]. Distance {@link CosineSimilarity}, no other; default reducer
 * {@link MeanReducer}. Parameter `W` [embeddingSize, numClasses], from N(0, 1).
 *
 * The margin is added by cos(θ + m) = cos θ cos m - sin θ sin m with sin²θ = max(1 - cos²θ, 1e-12), so
 * that the gradient is finite at θ = 0 and 180°, where that of the arc cosine is not.
 *
 * Deng et al.: ArcFace (2019), eq. 3.
 *
 * @throws {OptionError} when an option is unknown or out of range.
 */
export class ArcFaceLoss extends CosineMarginLoss {
  /** In degrees. */
  readonly margin: Schedulable

  constructor(options: ArcFaceLossOptions) {
    super('ArcFaceLoss', options, { options: ['margin'] })
    const { margin = 28.6 } = options
    expectDegrees(this.name, 'margin', margin)
    this.margin = margin
  }

  protected withMargin(cosine: tf.Tensor1D): MarginResult {
    return addAngle(cosine, toRadians(this.margin))
  }
}
