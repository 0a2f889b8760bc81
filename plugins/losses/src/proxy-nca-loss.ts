import * as tf from '@tensorflow/tfjs-core'
import { expectNumber, type LabelRelations } from '@metric-learning/contracts'
import { LpDistance } from '@metric-learning/distances'
import { tensorOf, type Schedulable } from '@metric-learning/ops'
import { MeanReducer } from '@metric-learning/reducers'
import { ClassificationLoss, type ClassificationLossOptions } from './base/classification-loss.js'
import { crossEntropy } from './base/cross-entropy.js'
import type { LossInputs } from './base/loss-inputs.js'

/** Options of {@link ProxyNCALoss}. */
export interface ProxyNCALossOptions extends ClassificationLossOptions {
  /** Factor of distances in the softmax. Default 1. May be scheduled. */
  readonly softmaxScale?: Schedulable
}

/**
 * Neighbourhood component analysis against one proxy a class: -log softmax_c(-softmaxScale · d(x, p_c)) at the class
 * of the embedding x; a similarity s counts as it is, +s.
 *
 * One term, `loss`, over elements [n]. Default distance {@link LpDistance} with `power` 2, default reducer
 * {@link MeanReducer}. Parameter `proxies` [numClasses, embeddingSize], from N(0, 1). A selection weighs embeddings
 * by how often they are anchors in it. {@link getLogits} gives the distances themselves, smaller for likelier classes.
 *
 * Movshovitz-Attias et al.: No Fuss Distance Metric Learning using Proxies (ICCV 2017), eq. 5, with the own proxy in
 * the denominator.
 *
 * @throws {OptionError} when an option is unknown or out of range.
 */
export class ProxyNCALoss extends ClassificationLoss {
  readonly softmaxScale: Schedulable

  constructor(options: ProxyNCALossOptions) {
    super('ProxyNCALoss', options, {
      options: ['softmaxScale'],
      distance: () => new LpDistance({ power: 2 }),
      reducer: () => new MeanReducer(),
      parameter: 'proxies',
      layout: 'rows',
    })
    const { softmaxScale = 1 } = options
    expectNumber(this.name, 'softmaxScale', softmaxScale, { min: 0, exclusiveMin: true })
    this.softmaxScale = softmaxScale
  }

  /** Distances to the proxies: float32 [n, numClasses]. */
  getLogits(embeddings: tf.Tensor2D): tf.Tensor2D {
    return this.distance.matrix(embeddings, this.vectors())
  }

  protected crossEntropies(embeddings: tf.Tensor2D, relations: LabelRelations): tf.Tensor1D {
    const logits = tf.mul<tf.Tensor2D>(this.distance.margin(0, this.getLogits(embeddings)), tensorOf(this.softmaxScale))
    return crossEntropy(logits, this.isTarget(relations))
  }

  protected override elementWeights(inputs: LossInputs): tf.Tensor1D | undefined {
    return inputs.anchorWeights()
  }
}
