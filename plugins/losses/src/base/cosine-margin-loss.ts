import * as tf from '@tensorflow/tfjs-core'
import { expectNumber, type LabelRelations } from '@metric-learning/contracts'
import { CosineSimilarity, expectDistance } from '@metric-learning/distances'
import { tensorOf, type Schedulable } from '@metric-learning/ops'
import { MeanReducer } from '@metric-learning/reducers'
import { ClassificationLoss, type ClassificationLossOptions } from './classification-loss.js'
import { cosinesToColumns } from './cosines-to-columns.js'
import { marginCrossEntropy, type MarginResult } from './margin-cross-entropy.js'

/** Options of losses that put a margin on the cosine to the vector of the class. */
export interface CosineMarginLossOptions extends ClassificationLossOptions {
  /** Factor of all logits. Default 64. May be scheduled. */
  readonly scale?: Schedulable
}

/** What such a loss says about itself. */
export interface CosineMarginSetup {
  /** The options that it takes beyond {@link CosineMarginLossOptions}. */
  readonly options: readonly string[]
  /** Vectors of each class. Default 1. */
  readonly vectorsPerClass?: number
}

/**
 * Cross entropy over scale · cos θ_c, where θ_c is the angle between an embedding and the vector of class c, with a
 * margin at the class of the embedding. A loss says how the margin changes that cosine.
 */
export abstract class CosineMarginLoss extends ClassificationLoss {
  readonly scale: Schedulable

  constructor(name: string, options: CosineMarginLossOptions, setup: CosineMarginSetup) {
    super(name, options, {
      ...setup,
      options: ['scale', ...setup.options],
      distance: () => new CosineSimilarity(),
      reducer: () => new MeanReducer(),
    })
    const { scale = 64 } = options
    expectNumber(name, 'scale', scale, { min: 0, exclusiveMin: true })
    expectDistance(name, this.distance, 'CosineSimilarity')
    this.scale = scale
  }

  /** What takes the place of the cosine to the own class, float32 [n], and its slope. Called off the gradient tape. */
  protected abstract withMargin(cosine: tf.Tensor1D): MarginResult

  /** cos θ of every embedding and class: float32 [n, numClasses]. */
  protected cosines(embeddings: tf.Tensor2D): tf.Tensor2D {
    const { p, power } = this.distance
    if (p === 2 && power === 1) return cosinesToColumns(embeddings, this.columns())
    return this.distance.matrix(embeddings, this.vectors())
  }

  getLogits(embeddings: tf.Tensor2D): tf.Tensor2D {
    return tf.tidy(() => tf.mul<tf.Tensor2D>(this.cosines(embeddings), tensorOf(this.scale)))
  }

  protected crossEntropies(embeddings: tf.Tensor2D, { queryLabelTensor }: LabelRelations): tf.Tensor1D {
    const margin = (cosine: tf.Tensor1D) => this.withMargin(cosine)
    return marginCrossEntropy(this.cosines(embeddings), queryLabelTensor, { scale: tensorOf(this.scale), margin })
  }
}
