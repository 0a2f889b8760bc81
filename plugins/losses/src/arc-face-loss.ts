import * as tf from '@tensorflow/tfjs-core'
import { expectNumber } from '@metric-learning/core'
import { CosineSimilarity } from '@metric-learning/distances'
import { MeanReducer } from '@metric-learning/reducers'
import { ClassificationLoss, type ClassificationLossOptions } from './base/classification-loss.js'
import { expectDegrees, toRadians } from './base/degrees.js'
import { expectDistance } from './base/expect-distance.js'
import { rotateCosine } from './base/rotate-cosine.js'

/** Options of {@link ArcFaceLoss}. */
export interface ArcFaceLossOptions extends ClassificationLossOptions {
  /** Added to the angle between an embedding and the vector of its class. In degrees. Default 28.6 (0.5 rad). */
  readonly margin?: number
  /** Factor of all logits. Default 64. */
  readonly scale?: number
}

/**
 * Additive angular margin: cross entropy over scale · cos θ_c, where θ_c is the angle between an
 * embedding and the vector of class c, and cos(θ_y + margin) takes the place of cos θ_y at the class
 * y of the embedding. Where θ_y + margin passes 180° it is cos θ_y - margin sin(margin), margin in
 * radians, which goes on falling.
 *
 * One term, `loss`, over elements [n]. Distance {@link CosineSimilarity}, no other; default reducer
 * {@link MeanReducer}. Parameter `W` [embeddingSize, numClasses].
 *
 * The margin is added by cos(θ + m) = cos θ cos m - sin θ sin m with sin²θ = max(1 - cos²θ, 1e-12), so
 * that the gradient is finite at θ = 0 and 180°, where that of the arc cosine is not.
 *
 * Deng et al.: ArcFace (2019), eq. 3.
 *
 * @throws {OptionError} when an option is unknown or out of range.
 */
export class ArcFaceLoss extends ClassificationLoss {
  /** In degrees. */
  readonly margin: number
  readonly scale: number

  constructor(options: ArcFaceLossOptions) {
    super('ArcFaceLoss', options, {
      options: ['margin', 'scale'],
      distance: () => new CosineSimilarity(),
      reducer: () => new MeanReducer(),
    })
    const { margin = 28.6, scale = 64 } = options
    expectDegrees(this.name, 'margin', margin)
    expectNumber(this.name, 'scale', scale, { min: 0, exclusiveMin: true })
    expectDistance(this.name, this.distance, CosineSimilarity)
    this.margin = margin
    this.scale = scale
  }

  logits(embeddings: tf.Tensor2D): tf.Tensor2D {
    return tf.tidy(() => tf.mul<tf.Tensor2D>(this.#cosines(embeddings), this.scale))
  }

  protected marginLogits(embeddings: tf.Tensor2D, isTarget: tf.Tensor2D): tf.Tensor2D {
    const cosines = this.#cosines(embeddings)
    const target = tf.sum<tf.Tensor2D>(tf.mul(cosines, isTarget), 1, true)
    const change = tf.sub(this.#withMargin(target), target)
    return tf.mul(tf.add(cosines, tf.mul(isTarget, change)), this.scale)
  }

  #cosines(embeddings: tf.Tensor2D): tf.Tensor2D {
    return this.distance.matrix(embeddings, tf.transpose(this.weight))
  }

  #withMargin(cosine: tf.Tensor2D): tf.Tensor2D {
    const margin = toRadians(this.margin)
    const rotated = rotateCosine(cosine, margin)
    const beyond = tf.sub<tf.Tensor2D>(cosine, margin * Math.sin(margin))
    return tf.where(tf.greaterEqual(cosine, -Math.cos(margin)), rotated, beyond)
  }
}
