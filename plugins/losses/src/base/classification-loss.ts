import * as tf from '@tensorflow/tfjs-core'
import type { LabelRelations, LossTerms } from '@metric-learning/contracts'
import { ClassVectorsLoss, type ClassVectorsLossOptions } from './class-vectors-loss.js'
import type { LossInputs } from './loss-inputs.js'

/** Options of losses by cross entropy over logits between embeddings and learnable vectors of classes. */
export type ClassificationLossOptions = ClassVectorsLossOptions

/**
 * Cross entropy of the class of each embedding, from logits between the embeddings and learnable
 * vectors of the classes.
 *
 * One term, `loss`, over elements [n]. A selection makes embeddings count less the less often they
 * occur in it ({@link LossInputs.elementWeights}). No reference sets. A loss says what its logits are,
 * with the margin and without.
 *
 * @throws {OptionError} when an option is unknown or out of range.
 */
export abstract class ClassificationLoss extends ClassVectorsLoss {
  /** Scores without a margin, for telling classes apart: float32 [n, numClasses]. */
  abstract getLogits(embeddings: tf.Tensor2D): tf.Tensor2D

  /** The cross entropy of each embedding, over logits with the margin at its class: float32 [n]. Runs inside `tf.tidy`. */
  protected abstract crossEntropies(embeddings: tf.Tensor2D, relations: LabelRelations): tf.Tensor1D

  /** How much each embedding matters: float32 [n], a constant; `undefined` = all alike. */
  protected elementWeights(inputs: LossInputs): tf.Tensor1D | undefined {
    return inputs.elementWeights()
  }

  protected computeClassTerms(inputs: LossInputs): LossTerms {
    const { embeddings, relations } = inputs
    const entropy = this.crossEntropies(embeddings, relations)
    const weights = this.elementWeights(inputs)
    const values = weights ? tf.mul(entropy, weights) : entropy
    return { loss: { over: 'element', values, weights: tf.ones([relations.queryCount]) } }
  }
}
