import * as tf from '@tensorflow/tfjs-core'
import type { LabelRelations, PairSelection, PickedTriplets, Selection, TripletRule, TripletSelection } from '@metric-learning/contracts'
import { bincount } from '../numerics/bincount.js'
import { mapRule } from './triplet-rules.js'

/**
 * A selection as pairs.
 *
 * A triplet (a, p, n) counts as the pairs (a, p) and (a, n); a pair's weight is the sum over the
 * triplets it occurs in, as in PyTorch Metric Learning's `convert_to_pairs`.
 */
export function toPairSelection(selection: Selection): PairSelection {
  if (selection.kind === 'pairs') return selection
  const pairs = tf.tidy(() => {
    if (selection.kind === 'pickedTriplets') {
      const { positiveIndex, negativeIndex, weights, referenceCount } = selection
      return [sumAtColumns(positiveIndex, weights, referenceCount), sumAtColumns(negativeIndex, weights, referenceCount)] as const
    }
    const { positiveIndex } = selection
    const [ofPositives, negative] = sumsOfTriplets(selection)
    return [sumAtColumns(positiveIndex, ofPositives, negative.shape[1]), negative] as const
  }) as [tf.Tensor2D, tf.Tensor2D]
  return { kind: 'pairs', positive: pairs[0], negative: pairs[1] }
}

/** Sums of the weights of triplets: over negatives [n, k], over positives [n, m]. */
function sumsOfTriplets(selection: Exclude<Selection, PairSelection | PickedTriplets>): [tf.Tensor2D, tf.Tensor2D] {
  const bothSums = (weights: tf.Tensor3D) => tf.concat([tf.sum<tf.Tensor2D>(weights, 2), tf.sum<tf.Tensor2D>(weights, 1)], 1)
  const sums = selection.kind === 'tripletRule' ? mapRule(selection, bothSums) : bothSums(selection.weights)
  const k = selection.positiveIndex.shape[1]
  return tf.split(sums, [k, sums.shape[1] - k], 1) as [tf.Tensor2D, tf.Tensor2D]
}

/**
 * A selection as triplets: every selected positive pair joined with every selected negative pair of
 * the same anchor (weights multiply), as in PyTorch Metric Learning's `convert_to_triplets`.
 *
 * Positive pairs are looked up among the positives that the labels give. Memory O(n k m), also for triplets that are picked or
 * selected by a rule.
 */
export function toTripletSelection(selection: Selection, relations: LabelRelations): TripletSelection {
  if (selection.kind === 'triplets') return selection
  if (selection.kind === 'pairs') {
    const { positiveIndex, positiveIndexMask } = relations
    const weights = tf.tidy(() => {
      const chosen = tf.mul(gatherColumns(selection.positive, positiveIndex), positiveIndexMask)
      return tf.mul<tf.Tensor3D>(tf.expandDims(chosen, 2), tf.expandDims(selection.negative, 1))
    })
    return { kind: 'triplets', positiveIndex, weights }
  }
  const { positiveIndex } = selection
  if (selection.kind === 'tripletRule') return { kind: 'triplets', positiveIndex, weights: mapRule(selection, (weights) => weights) }
  const { negativeIndex, weights: counts, referenceCount } = selection
  const weights = tf.tidy(() => tf.mul<tf.Tensor3D>(isColumn(negativeIndex, referenceCount), tf.expandDims(counts, 2)))
  return { kind: 'triplets', positiveIndex, weights }
}

/** Positives of each anchor, each once, that a rule is over: those that the labels give, or others. */
export type Positives = Pick<LabelRelations, 'positiveIndex' | 'positiveIndexMask' | 'referenceCount'>

/** A selection as triplets by a rule, over the positives that the labels give. Triplets of other positives are not in it. */
export function toTripletRule(selection: Selection, { positiveIndex, positiveIndexMask, referenceCount }: Positives): TripletRule {
  const rule = { kind: 'tripletRule', positiveIndex, referenceCount, whole: [] } as const
  if (selection.kind === 'pairs') {
    const ofPositives = tf.mul(gatherColumns(selection.positive, positiveIndex), positiveIndexMask)
    return {
      ...rule,
      constants: [ofPositives, selection.negative],
      weights: ({ constants: [positives, negatives] }) => tf.mul(tf.expandDims(positives!, 2), tf.expandDims(negatives!, 1)),
    }
  }
  if (selection.kind === 'pickedTriplets') {
    return {
      ...rule,
      constants: [positiveIndex, positiveIndexMask, selection.positiveIndex, selection.negativeIndex, selection.weights],
      weights: ({ constants: [index, mask, positives, negatives, weights] }) => {
        const toPositives = tf.mul(isSame(index!, positives!, mask!), tf.expandDims(weights!, 1))
        return tf.matMul(toPositives, isColumn(negatives as tf.Tensor2D, referenceCount))
      },
    }
  }
  const given: TripletRule = selection.kind === 'tripletRule' ? selection
    : { ...rule, positiveIndex: selection.positiveIndex, constants: [selection.weights], weights: ({ constants: [weights] }) => weights as tf.Tensor3D }
  if (given.positiveIndex === positiveIndex) return given
  return {
    ...given,
    positiveIndex,
    constants: [positiveIndex, positiveIndexMask, given.positiveIndex, ...given.constants],
    weights: ({ constants: [index, mask, own, ...constants], whole }) => tf.matMul(isSame(index!, own!, mask!), given.weights({ constants, whole })),
  }
}

/** 1 where the j-th positive of an anchor is the i-th of another list: float32 [rows, k, t]. */
export const isSame = (index: tf.Tensor, other: tf.Tensor, mask: tf.Tensor): tf.Tensor3D =>
  tf.mul(tf.cast(tf.equal(tf.expandDims(index, 2), tf.expandDims(other, 1)), 'float32'), tf.expandDims(mask, 2))

/** 1 at the column that an index names, else 0: of [n, t] it is float32 [n, t, columns]. `tf.oneHot` wants two columns at least. */
const isColumn = (index: tf.Tensor2D, columns: number): tf.Tensor3D =>
  tf.cast(tf.equal<tf.Tensor3D>(tf.expandDims(index, 2), tf.range(0, columns, 1, 'int32')), 'float32')

/** Sums of values by the columns they belong to, row by row: float32 [n, columns]. */
function sumAtColumns(index: tf.Tensor2D, values: tf.Tensor2D, columns: number): tf.Tensor2D {
  const rows = index.shape[0]
  const rowStart = tf.mul(tf.expandDims(tf.range(0, rows, 1, 'int32'), 1), tf.scalar(columns, 'int32'))
  const places = tf.reshape<tf.Rank.R1>(tf.add(index, rowStart), [-1])
  return tf.reshape(bincount(places, tf.reshape(values, [-1]), rows * columns), [rows, columns])
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
