import * as tf from '@tensorflow/tfjs-core'
import { expectNumber, OptionError, type LossTerms } from '@metric-learning/contracts'
import { CosineSimilarity, expectDistance } from '@metric-learning/distances'
import { identityMatrix, tensorOf, type Schedulable } from '@metric-learning/ops'
import { MeanReducer } from '@metric-learning/reducers'
import { crossEntropy } from './base/cross-entropy.js'
import type { LossInputs } from './base/loss-inputs.js'
import { MetricLoss, type MetricLossOptions } from './base/metric-loss.js'
import { targetMask } from './base/target-mask.js'

/** Options of {@link InstanceLoss}. */
export interface InstanceLossOptions extends MetricLossOptions {
  /** Factor of cosines in the softmax. Default 64. May be scheduled. */
  readonly gamma?: Schedulable
  /**
   * Which row of the batch an embedding is to be told as. `'classRank'`: the row whose number is the rank of its label
   * among the labels of the batch. `'own'`: its own row. Default `'classRank'`.
   */
  readonly targets?: 'classRank' | 'own'
}

/**
 * Cross entropy over gamma · cos(x_i, x_j), in which every row j of the batch is a class, x_i included.
 *
 * By default the class of x_i is row r, where r is the rank of its label among the distinct labels of the batch: what
 * PyTorch Metric Learning computes. It tells instances apart only where every label is distinct and ascending; take
 * `targets: 'own'` to mean that whatever the labels are.
 *
 * One term, `loss`, over elements [n]. Distance {@link CosineSimilarity}, no other; default reducer
 * {@link MeanReducer}. No selections, no reference sets.
 *
 * Zheng et al.: Dual-Path Convolutional Image-Text Embeddings with Instance Loss (2020), eq. 3.
 *
 * @throws {OptionError} when an option is unknown or out of range.
 */
export class InstanceLoss extends MetricLoss {
  readonly gamma: Schedulable
  readonly targets: 'classRank' | 'own'

  constructor(options: InstanceLossOptions = {}) {
    super('InstanceLoss', options, {
      options: ['gamma', 'targets'],
      distance: () => new CosineSimilarity(),
      reducer: () => new MeanReducer(),
      takesReferences: false,
      takesSelections: false,
    })
    const { gamma = 64, targets = 'classRank' } = options
    expectNumber(this.name, 'gamma', gamma, { min: 0, exclusiveMin: true })
    expectDistance(this.name, this.distance, 'CosineSimilarity')
    if (targets !== 'classRank' && targets !== 'own') {
      const fix = 'Take one of the two.'
      throw new OptionError({ who: this.name, wanted: "`targets` to be 'classRank' or 'own'", got: String(targets), fix })
    }
    this.gamma = gamma
    this.targets = targets
  }

  protected computeTerms({ embeddings, relations }: LossInputs): LossTerms {
    const rows = embeddings.shape[0]
    const logits = tf.mul<tf.Tensor2D>(this.distance.matrix(embeddings), tensorOf(this.gamma))
    const classRanks = () => targetMask(ranks(relations.queryLabelTensor), rows)
    const values = crossEntropy(logits, this.targets === 'own' ? identityMatrix(rows) : classRanks())
    return { loss: { over: 'element', values, weights: tf.ones([rows]) } }
  }
}

/** The rank of each label among the distinct ones, from 0: int32 [n]. */
function ranks(labels: tf.Tensor1D): tf.Tensor1D {
  const [row, column] = [tf.expandDims<tf.Tensor2D>(labels, 0), tf.expandDims<tf.Tensor2D>(labels, 1)]
  const counts = tf.sum<tf.Tensor2D>(tf.cast(tf.equal(row, column), 'float32'), 0, true)
  // A smaller label counts 1, divided among its samples.
  const smaller = tf.sum<tf.Tensor1D>(tf.div(tf.cast(tf.less(row, column), 'float32'), counts), 1)
  return tf.cast(tf.round(smaller), 'int32')
}
