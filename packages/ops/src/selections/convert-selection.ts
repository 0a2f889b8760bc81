import * as tf from '@tensorflow/tfjs-core'
import { bincount } from '../numerics/bincount.js'
import type { LabelRelations, PairSelection, Selection, TripletSelection } from '@metric-learning/contracts'

/**
 * A selection as pairs.
 *
 * A triplet (a, p, n) counts as the pairs (a, p) and (a, n); a pair's weight is the sum over the
 * triplets it occurs in, as in PyTorch Metric Learning's `convert_to_pairs`.
 */
export function toPairSelection(selection: Selection): PairSelection {
  if (selection.kind === 'pairs') return selection
  const { positiveIndex, weights } = selection
  return tf.tidy(() => {
    const [rows, , references] = weights.shape
    const perPositive = tf.reshape<tf.Rank.R1>(tf.sum(weights, 2), [-1])
    const rowStart = tf.mul(tf.expandDims(tf.range(0, rows, 1, 'int32'), 1), tf.scalar(references, 'int32'))
    const places = tf.reshape<tf.Rank.R1>(tf.add(positiveIndex, rowStart), [-1])
    return {
      kind: 'pairs' as const,
      positive: tf.reshape<tf.Rank.R2>(bincount(places, perPositive, rows * references), [rows, references]),
      negative: tf.sum<tf.Tensor2D>(weights, 1),
    }
  })
}

/**
 * A selection as triplets: every selected positive pair joined with every selected negative pair of
 * the same anchor (weights multiply), as in PyTorch Metric Learning's `convert_to_triplets`.
 *
 * Positive pairs are looked up among the positives that the labels give.
 */
export function toTripletSelection(selection: Selection, relations: LabelRelations): TripletSelection {
  if (selection.kind === 'triplets') return selection
  const { positiveIndex, positiveIndexMask } = relations
  const weights = tf.tidy(() => {
    const chosen = tf.mul(gatherColumns(selection.positive, positiveIndex), positiveIndexMask)
    return tf.mul<tf.Tensor3D>(tf.expandDims(chosen, 2), tf.expandDims(selection.negative, 1))
  })
  return { kind: 'triplets', positiveIndex, weights }
}

/**
 * out[i, j] = matrix[i, index[i, j]], differentiable: `tf.gather` over the flattened matrix.
 *
 * @param matrix float32 [n, m]
 * @param index int32 [n, k], entries in [0, m)
 */
export function gatherColumns(matrix: tf.Tensor2D, index: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => {
    const [rows, columns] = matrix.shape
    const rowStart = Int32Array.from({ length: rows }, (_, row) => row * columns)
    const flat = tf.add<tf.Tensor2D>(index, tf.tensor2d(rowStart, [rows, 1], 'int32'))
    return tf.gather(tf.reshape(matrix, [rows * columns]) as tf.Tensor, flat) as tf.Tensor2D
  })
}
