import * as tf from '@tensorflow/tfjs-core'
import { CosineSimilarity } from '@metric-learning/distances'
import { identityMatrix, option } from '@metric-learning/ops'
import { MeanReducer } from '@metric-learning/reducers'
import { metricLoss, type OptionsOf } from './base/metric-loss.js'
import { crossEntropy, targetMask } from './numerics/cross-entropy.js'
import { overElements } from './terms/over-elements.js'

/** Options of {@link InstanceLoss}. */
export type InstanceLossOptions = OptionsOf<typeof InstanceLoss>

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
 * @formula -\log\frac{e^{\gamma \cos(x_i, x_r)}}{\sum_j e^{\gamma \cos(x_i, x_j)}}, \qquad \gamma = \mathrm{gamma}
 * @useWhen Samples of which each is a class of its own, with `targets: 'own'`. The default is there for parity with
 *   PyTorch Metric Learning.
 * @throws {OptionError} when an option is unknown or out of range.
 */
export class InstanceLoss extends metricLoss({
  name: 'InstanceLoss',
  distance: () => new CosineSimilarity(),
  onlyDistance: true,
  reducer: () => new MeanReducer(),
  takesReferences: false,
  takesSelections: false,
  options: {
    /** Factor of cosines in the softmax. Default 64. May be scheduled. */
    gamma: option.number({ default: 64, above: 0 }),
    /**
     * Which row of the batch an embedding is to be told as. `'classRank'`: the row whose number is the rank of its label
     * among the labels of the batch. `'own'`: its own row. Default `'classRank'`.
     */
    targets: option.oneOf(['classRank', 'own'], { default: 'classRank' }),
  },
  terms(inputs, { gamma, targets }) {
    const { queryCount, queryLabelTensor } = inputs.relations
    const logits = tf.mul<tf.Tensor2D>(inputs.distances(), gamma)
    const isTarget = targets === 'own' ? identityMatrix(queryCount) : targetMask(ranks(queryLabelTensor), queryCount)
    return { loss: overElements(crossEntropy(logits, isTarget)) }
  },
}) {}

/** The rank of each label among the distinct ones, from 0: int32 [n]. */
function ranks(labels: tf.Tensor1D): tf.Tensor1D {
  const [row, column] = [tf.expandDims<tf.Tensor2D>(labels, 0), tf.expandDims<tf.Tensor2D>(labels, 1)]
  const counts = tf.sum<tf.Tensor2D>(tf.cast(tf.equal(row, column), 'float32'), 0, true)
  // A smaller label counts 1, divided among its samples.
  const smaller = tf.sum<tf.Tensor1D>(tf.div(tf.cast(tf.less(row, column), 'float32'), counts), 1)
  return tf.cast(tf.round(smaller), 'int32')
}
