import * as tf from '@tensorflow/tfjs-core'
import { DotProductSimilarity } from '@metric-learning/distances'
import { identityMatrix, logSumExp, sumOver, withoutGradient } from '@metric-learning/ops'
import { MeanReducer } from '@metric-learning/reducers'
import type { LossInputs } from './base/loss-inputs.js'
import { metricLoss, type OptionsOf } from './base/metric-loss.js'
import { overElements } from './terms/over-elements.js'

/** Options of {@link NPairsLoss}. */
export type NPairsLossOptions = OptionsOf<typeof NPairsLoss>

/**
 * `-log exp(s(a_i, p_i)) / Σ_j exp(s(a_i, p_j))` with one positive pair (a_i, p_i) of every class: the first
 * that is selected. A distance d counts as s = -d.
 *
 * One term, `loss`, over elements [n], of which the anchors a_i count. Default distance
 * {@link DotProductSimilarity}, which normalises; the paper's loss takes it with
 * `normalizeEmbeddings: false`. Default reducer {@link MeanReducer}. Takes pairs and triplets (as their
 * pairs), of which the positive ones matter; no reference sets. Memory O(n²).
 *
 * Sohn: Improved Deep Metric Learning with Multi-class N-pair Loss Objective (NIPS 2016), the loss L_N-pair-mc, without
 * its penalty on norms, which is `embeddingRegularizer: new LpRegularizer()`.
 *
 * @formula -\log\frac{e^{s(a_i, p_i)}}{\sum_j e^{s(a_i, p_j)}}
 * @useWhen Batches of one pair of each class: from 2N embeddings every anchor gets N - 1 negatives, the positives of
 *   the other classes.
 * @throws {OptionError} when an option is unknown.
 */
export class NPairsLoss extends metricLoss({
  name: 'NPairsLoss',
  distance: () => new DotProductSimilarity(),
  reducer: () => new MeanReducer(),
  takesReferences: false,
  compares: 'batch',
  options: {},
  terms(inputs) {
    const { embeddings, relations, distance } = inputs
    const order = orderOfPositives(inputs)
    const ofRow = tf.max(order, 1)
    const ofClass = tf.max(tf.mul(relations.positives(), tf.expandDims(ofRow, 0)), 1)
    const isAnchor = tf.cast(tf.logicalAnd(tf.greater(ofRow, ofClass), tf.greater(ofRow, 0)), 'float32')
    const positives = tf.gather(embeddings, tf.argMax<tf.Tensor1D>(order, 1))
    const distances = distance.matrix(embeddings, positives)
    const logits = distance.isInverted ? distances : tf.neg(distances)
    const own = sumOver(tf.mul(logits, identityMatrix(relations.queryCount)), 1)
    return { loss: overElements(tf.sub(logSumExp(logits, tf.expandDims(isAnchor, 0)), own), { weights: isAnchor }) }
  },
}) {}

/** Higher for positive pairs that are selected earlier, 0 for those that are not: float32 [n, n]. */
function orderOfPositives(inputs: LossInputs): tf.Tensor2D {
  const { queryCount: n } = inputs.relations
  const { indices } = inputs
  const { positive } = inputs.pairMasks()
  if (!indices) {
    const rows = tf.expandDims(tf.range(n, 0, -1), 1)
    const earlier = tf.sub(tf.mul(rows, n), tf.range(0, n))
    return withoutGradient(() => tf.mul<tf.Tensor2D>(positive, earlier))
  }
  const anchors = 'anchor' in indices ? indices.anchor : indices.anchor1
  const order = new Float32Array(n * n)
  for (let i = anchors.length - 1; i >= 0; i--) order[anchors[i]! * n + indices.positive[i]!] = anchors.length - i
  return tf.tensor2d(order, [n, n])
}
