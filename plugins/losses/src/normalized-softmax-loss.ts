import * as tf from '@tensorflow/tfjs-core'
import { expectNumber, type LabelRelations } from '@metric-learning/contracts'
import { DotProductSimilarity } from '@metric-learning/distances'
import { tensorOf, type Schedulable } from '@metric-learning/ops'
import { MeanReducer } from '@metric-learning/reducers'
import { ClassificationLoss, type ClassificationLossOptions } from './base/classification-loss.js'
import { crossEntropy } from './base/cross-entropy.js'

/** Options of {@link NormalizedSoftmaxLoss}. */
export interface NormalizedSoftmaxLossOptions extends ClassificationLossOptions {
  /** Logits are divided by it. Default 0.05. May be scheduled. */
  readonly temperature?: Schedulable
}

/**
 * Cross entropy over s(x, ŵ_c) / temperature, where ŵ_c is the vector of class c divided by its norm; distances d
 * count as -d.
 *
 * One term, `loss`, over elements [n]. Default distance {@link DotProductSimilarity} (which normalises embeddings by
 * default), default reducer {@link MeanReducer}. Parameter `W` [embeddingSize, numClasses], from N(0, 1).
 *
 * Zhai, Wu: Classification is a Strong Baseline for Deep Metric Learning (BMVC 2019), eq. 3.
 *
 * @throws {OptionError} when an option is unknown or out of range.
 */
export class NormalizedSoftmaxLoss extends ClassificationLoss {
  readonly temperature: Schedulable

  constructor(options: NormalizedSoftmaxLossOptions) {
    super('NormalizedSoftmaxLoss', options, {
      options: ['temperature'],
      distance: () => new DotProductSimilarity(),
      reducer: () => new MeanReducer(),
    })
    const { temperature = 0.05 } = options
    expectNumber(this.name, 'temperature', temperature, { min: 0, exclusiveMin: true })
    this.temperature = temperature
  }

  getLogits(embeddings: tf.Tensor2D): tf.Tensor2D {
    return tf.tidy(() => {
      const distances = this.distance.matrix(embeddings, this.distance.normalize(this.vectors()))
      return tf.div<tf.Tensor2D>(this.distance.margin(0, distances), tensorOf(this.temperature))
    })
  }

  protected crossEntropies(embeddings: tf.Tensor2D, relations: LabelRelations): tf.Tensor1D {
    return crossEntropy(this.getLogits(embeddings), this.isTarget(relations))
  }
}
