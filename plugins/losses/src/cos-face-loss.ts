import * as tf from '@tensorflow/tfjs-core'
import { expectNumber } from '@metric-learning/contracts'
import { tensorOf, type Schedulable } from '@metric-learning/ops'
import { CosineMarginLoss, type CosineMarginLossOptions } from './base/cosine-margin-loss.js'
import type { MarginResult } from './base/margin-cross-entropy.js'

/** Options of {@link CosFaceLoss}. */
export interface CosFaceLossOptions extends CosineMarginLossOptions {
  /** Taken off the cosine of the angle between an embedding and the vector of its class. In [0, 2]. Default 0.35. May be scheduled. */
  readonly margin?: Schedulable
}

/**
 * Additive cosine margin: cross entropy over scale · cos θ_c, where θ_c is the angle between an embedding and the
 * vector of class c, and cos θ_y - margin takes the place of cos θ_y at the class y of the embedding.
 *
 * One term, `loss`, over elements [n]. Distance {@link CosineSimilarity}, no other; default reducer
 * {@link MeanReducer}. Parameter `W` [embeddingSize, numClasses], from N(0, 1).
 *
 * Wang et al.: CosFace (CVPR 2018), eq. 4.
 *
 * @throws {OptionError} when an option is unknown or out of range.
 */
export class CosFaceLoss extends CosineMarginLoss {
  readonly margin: Schedulable

  constructor(options: CosFaceLossOptions) {
    super('CosFaceLoss', options, { options: ['margin'] })
    const { margin = 0.35 } = options
    expectNumber(this.name, 'margin', margin, { min: 0, max: 2, hint: 'The margin is in units of a cosine, not an angle.' })
    this.margin = margin
  }

  protected withMargin(cosine: tf.Tensor1D): MarginResult {
    return { value: tf.sub(cosine, tensorOf(this.margin)), slope: 1 }
  }
}
