import * as tf from '@tensorflow/tfjs-core'
import { expectNumber, type LabelRelations } from '@metric-learning/contracts'
import { CosineSimilarity, expectSimilarity } from '@metric-learning/distances'
import { sumOver, tensorOf, type Schedulable } from '@metric-learning/ops'
import { MeanReducer } from '@metric-learning/reducers'
import { ClassificationLoss, type ClassificationLossOptions } from './base/classification-loss.js'
import { crossEntropy } from './base/cross-entropy.js'
import { expectDistanceUnits } from './base/expect-distance-units.js'
import { kaimingUniform } from './base/weight-init.js'

/** Options of {@link SoftTripleLoss}. */
export interface SoftTripleLossOptions extends ClassificationLossOptions {
  /** Centres of each class, at least 1. Default 10. */
  readonly centersPerClass?: number
  /** Factor of the logits, λ of the paper. Default 20. May be scheduled. */
  readonly la?: Schedulable
  /** Temperature of the choice among the centres of a class. Default 0.1. May be scheduled. */
  readonly gamma?: Schedulable
  /** Taken off the similarity to the own class. In units of the similarity. Default 0.01. May be scheduled. */
  readonly margin?: Schedulable
}

/**
 * Cross entropy over la · S_c with several centres a class, where S_c = Σ_k softmax_k(s_ck / gamma) · s_ck is the
 * similarity of an embedding to class c, and S_y - margin takes the place of S_y at its own.
 *
 * One term, `loss`, over elements [n]. Default distance {@link CosineSimilarity}; it has to be a similarity. Default
 * reducer {@link MeanReducer}. Parameter `fc` [embeddingSize, numClasses · centersPerClass], uniform over
 * ±1 / √(numClasses · centersPerClass); class c owns the columns c · centersPerClass … (c + 1) · centersPerClass - 1.
 * {@link SparseCentersRegularizer} as `weightRegularizer` merges centres.
 *
 * Qian et al.: SoftTriple Loss (ICCV 2019), eq. 6 to 8.
 *
 * @throws {OptionError} when an option is unknown or out of range, or the distance is not a similarity.
 */
export class SoftTripleLoss extends ClassificationLoss {
  readonly centersPerClass: number
  readonly la: Schedulable
  readonly gamma: Schedulable
  readonly margin: Schedulable

  constructor(options: SoftTripleLossOptions) {
    const { centersPerClass = 10, la = 20, gamma = 0.1, margin = 0.01 } = options
    expectNumber('SoftTripleLoss', 'centersPerClass', centersPerClass, { min: 1, integer: true })
    super('SoftTripleLoss', options, {
      options: ['centersPerClass', 'la', 'gamma', 'margin'],
      distance: () => new CosineSimilarity(),
      reducer: () => new MeanReducer(),
      parameter: 'fc',
      vectorsPerClass: centersPerClass,
      init: kaimingUniform,
    })
    expectNumber(this.name, 'la', la, { min: 0, exclusiveMin: true })
    expectNumber(this.name, 'gamma', gamma, { min: 0, exclusiveMin: true })
    expectDistanceUnits(this.name, 'margin', margin, this.distance)
    expectSimilarity(this.name, this.distance)
    this.centersPerClass = centersPerClass
    this.la = la
    this.gamma = gamma
    this.margin = margin
  }

  /** S_c, the similarity to each class: float32 [n, numClasses]. */
  getLogits(embeddings: tf.Tensor2D): tf.Tensor2D {
    return tf.tidy(() => {
      const similarities = this.distance.matrix(embeddings, this.vectors())
      const byClass = tf.reshape(similarities, [embeddings.shape[0], this.numClasses, this.centersPerClass])
      return sumOver<tf.Tensor2D>(tf.mul(tf.softmax(tf.div(byClass, tensorOf(this.gamma))), byClass), 2)
    })
  }

  protected crossEntropies(embeddings: tf.Tensor2D, relations: LabelRelations): tf.Tensor1D {
    const isTarget = this.isTarget(relations)
    const logits = tf.mul<tf.Tensor2D>(tf.sub(this.getLogits(embeddings), tf.mul(isTarget, tensorOf(this.margin))), tensorOf(this.la))
    return crossEntropy(logits, isTarget)
  }
}
