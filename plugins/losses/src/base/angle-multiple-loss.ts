import * as tf from '@tensorflow/tfjs-core'
import { expectNumber, type LabelRelations } from '@metric-learning/contracts'
import { CosineSimilarity, expectDistance } from '@metric-learning/distances'
import { tensorOf, withoutGradient, type Schedulable } from '@metric-learning/ops'
import { MeanReducer } from '@metric-learning/reducers'
import { changeAtTarget } from './change-at-target.js'
import { ClassificationLoss, type ClassificationLossOptions } from './classification-loss.js'
import { crossEntropy } from './cross-entropy.js'

/** Options of losses that multiply the angle to the vector of the class. */
export interface AngleMultipleLossOptions extends ClassificationLossOptions {
  /** Factor of the angle between an embedding and the vector of its class: an integer of at least 1. Default 4. */
  readonly margin?: number
  /** Factor of all logits. Default 1. May be scheduled. */
  readonly scale?: Schedulable
}

/**
 * Cross entropy over cos θ_c times lengths, where θ_c is the angle between an embedding and the vector of class c, and
 * ψ(θ_y) takes the place of cos θ_y at the class y of the embedding: ψ(θ) = (-1)^k cos(margin · θ) - 2k for θ between
 * kπ / margin and (k + 1)π / margin, which goes on falling.
 *
 * cos(margin · θ) is the Chebyshev polynomial of cos θ: no arc cosine, finite gradients everywhere. A loss says which
 * lengths.
 */
export abstract class AngleMultipleLoss extends ClassificationLoss {
  readonly margin: number
  readonly scale: Schedulable

  constructor(name: string, options: AngleMultipleLossOptions) {
    super(name, options, {
      options: ['margin', 'scale'],
      distance: () => new CosineSimilarity(),
      reducer: () => new MeanReducer(),
    })
    const { margin = 4, scale = 1 } = options
    expectNumber(name, 'margin', margin, { min: 1, integer: true, hint: 'The margin is a factor of the angle, an integer.' })
    expectNumber(name, 'scale', scale, { min: 0, exclusiveMin: true })
    expectDistance(name, this.distance, 'CosineSimilarity')
    this.margin = margin
    this.scale = scale
  }

  /** What cosines are multiplied with, to be broadcast to float32 [n, numClasses]. */
  protected abstract lengths(embeddings: tf.Tensor2D): tf.Tensor2D

  getLogits(embeddings: tf.Tensor2D): tf.Tensor2D {
    return tf.tidy(() => this.#toLogits(this.#cosines(embeddings), embeddings))
  }

  protected crossEntropies(embeddings: tf.Tensor2D, relations: LabelRelations): tf.Tensor1D {
    const isTarget = this.isTarget(relations)
    const multiplied = changeAtTarget(this.#cosines(embeddings), isTarget, (cosine) => fallingCosine(cosine, this.margin))
    return crossEntropy(this.#toLogits(multiplied, embeddings), isTarget)
  }

  #cosines(embeddings: tf.Tensor2D): tf.Tensor2D {
    return this.distance.matrix(embeddings, this.vectors())
  }

  #toLogits(cosines: tf.Tensor2D, embeddings: tf.Tensor2D): tf.Tensor2D {
    return tf.mul(tf.mul(cosines, this.lengths(embeddings)), tensorOf(this.scale))
  }
}

/** ψ(θ) from cos θ: (-1)^k cos(multiple · θ) - 2k with k = ⌊multiple · θ / π⌋, a constant. */
function fallingCosine(cosine: tf.Tensor2D, multiple: number): tf.Tensor2D {
  const k = withoutGradient(() => tf.floor(tf.mul(tf.acos(tf.clipByValue(cosine, -1, 1)), multiple / Math.PI)))
  const sign = withoutGradient(() => tf.sub<tf.Tensor2D>(1, tf.mul(2, tf.mod(k, 2))))
  return tf.sub(tf.mul(sign, cosineOfMultiple(cosine, multiple)), tf.mul(2, k))
}

/** cos(multiple · θ) from cos θ, by T_{n+1} = 2 cos θ T_n - T_{n-1}. */
function cosineOfMultiple(cosine: tf.Tensor2D, multiple: number): tf.Tensor2D {
  let [before, now] = [tf.onesLike(cosine), cosine]
  for (let n = 1; n < multiple; n++) {
    ;[before, now] = [now, tf.sub<tf.Tensor2D>(tf.mul(tf.mul(2, cosine), now), before)]
  }
  return now
}
