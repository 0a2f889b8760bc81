import * as tf from '@tensorflow/tfjs-core'
import { expectNumber, expectShape, LabelError, Random, type LabelRelations, type LossTerms } from '@metric-learning/core'
import { crossEntropy } from './cross-entropy.js'
import type { LossInputs } from './loss-inputs.js'
import { MetricLoss, type MetricLossOptions, type MetricLossSetup } from './metric-loss.js'

/** Options of losses that compare embeddings with one learnable vector a class. */
export interface ClassificationLossOptions extends MetricLossOptions {
  /** Labels are integers in [0, numClasses). */
  readonly numClasses: number
  /** Size of an embedding. */
  readonly embeddingSize: number
  /** Fixes the initial weights. Default 0. */
  readonly seed?: number
}

/**
 * Cross entropy of the class of each embedding, from logits between the embeddings and one learnable
 * vector a class: the parameter `W`, float32 [embeddingSize, numClasses], from N(0, 1).
 *
 * One term, `loss`, over elements [n]. A selection makes embeddings count less the less often they
 * occur in it ({@link LossInputs.elementWeights}). No reference sets. A loss says what its logits are,
 * with the margin and without.
 *
 * @throws {OptionError} when an option is unknown or out of range.
 */
export abstract class ClassificationLoss extends MetricLoss {
  readonly numClasses: number
  readonly embeddingSize: number
  /** The parameter `W`. */
  protected readonly weight: tf.Variable<tf.Rank.R2>

  constructor(name: string, options: ClassificationLossOptions, setup: MetricLossSetup) {
    const own = ['numClasses', 'embeddingSize', 'seed']
    super(name, options, { ...setup, options: [...own, ...setup.options], takesReferences: false })
    const { numClasses, embeddingSize, seed = 0 } = options
    expectNumber(name, 'numClasses', numClasses, { min: 1, integer: true })
    expectNumber(name, 'embeddingSize', embeddingSize, { min: 1, integer: true })
    this.numClasses = numClasses
    this.embeddingSize = embeddingSize
    const random = new Random(seed)
    const values = Float32Array.from({ length: embeddingSize * numClasses }, () => random.normal())
    this.weight = this.addParameter('W', () => tf.tensor2d(values, [embeddingSize, numClasses]))
  }

  /** Scores without a margin, for telling classes apart: float32 [n, numClasses]. */
  abstract logits(embeddings: tf.Tensor2D): tf.Tensor2D

  /**
   * What is trained on: the logits with the margin at the class of each embedding.
   *
   * @param isTarget 1 at the class of each embedding, else 0: float32 [n, numClasses]
   */
  protected abstract marginLogits(embeddings: tf.Tensor2D, isTarget: tf.Tensor2D): tf.Tensor2D

  protected computeTerms(inputs: LossInputs): LossTerms {
    const { embeddings, relations } = inputs
    expectShape(this.name, 'embeddings', embeddings, ['batch', this.embeddingSize])
    this.#expectClasses(relations)
    const isTarget = tf.oneHot(relations.queryLabelTensor, this.numClasses, 1, 0, 'float32') as tf.Tensor2D
    const entropy = crossEntropy(this.marginLogits(embeddings, isTarget), isTarget)
    const weights = inputs.elementWeights()
    const values = weights ? tf.mul(entropy, weights) : entropy
    return { loss: { over: 'element', values, weights: tf.ones([relations.queryCount]) } }
  }

  #expectClasses({ queryLabels }: LabelRelations): void {
    const stranger = queryLabels.find((label) => label < 0 || label >= this.numClasses)
    if (stranger !== undefined) {
      throw new LabelError({
        who: this.name,
        wanted: `labels in [0, numClasses) = [0, ${this.numClasses})`,
        got: String(stranger),
        fix: 'Number the classes from 0, or raise `numClasses`.',
      })
    }
  }
}
