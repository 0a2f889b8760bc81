import * as tf from '@tensorflow/tfjs-core'
import type { LossTerms } from '@metric-learning/contracts'
import type { FormulaNumber } from '@metric-learning/ops'
import type { ClassVectors } from '../base/class-vectors-loss.js'
import type { LossInputs } from '../base/loss-inputs.js'
import { crossEntropy } from '../numerics/cross-entropy.js'
import { fallingCosines } from '../numerics/falling-cosines.js'
import { overElements, weighed } from './over-elements.js'

interface AngleMultiple {
  /** Factor of the angle between an embedding and the vector of its class. */
  readonly margin: number
  /** Factor of all logits. */
  readonly scale: FormulaNumber
}

/**
 * Logits and terms of losses that multiply the angle to the vector of the class: cross entropy over cosines times lengths, with
 * {@link fallingCosines} in place of those of the own classes.
 *
 * @param lengths what cosines are multiplied with, to be broadcast to float32 [n, numClasses]
 */
export function angleMultiple(lengths: (embeddings: tf.Tensor2D, vectors: ClassVectors) => tf.Tensor2D) {
  const scaled = (cosines: tf.Tensor2D, embeddings: tf.Tensor2D, vectors: ClassVectors, scale: FormulaNumber): tf.Tensor2D =>
    tf.mul(tf.mul(cosines, lengths(embeddings, vectors)), scale)
  return {
    logits: (embeddings: tf.Tensor2D, { scale }: AngleMultiple, vectors: ClassVectors): tf.Tensor2D =>
      scaled(vectors.distancesFrom(embeddings), embeddings, vectors, scale),
    terms(inputs: LossInputs, { margin, scale }: AngleMultiple, vectors: ClassVectors): LossTerms {
      const { embeddings, relations } = inputs
      const isTarget = vectors.isTarget(relations)
      const falling = fallingCosines(vectors.distancesFrom(embeddings), isTarget, margin)
      const entropy = crossEntropy(scaled(falling, embeddings, vectors, scale), isTarget)
      return { loss: overElements(weighed(entropy, inputs.elementWeights())) }
    },
  }
}
