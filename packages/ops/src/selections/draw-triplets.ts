import * as tf from '@tensorflow/tfjs-core'
import type { LabelRelations, PickedTriplets } from '@metric-learning/contracts'
import { drawIntegers } from '../device-draws.js'
import { bincount } from '../numerics/bincount.js'
import { gatherColumns } from './convert-selection.js'

/**
 * Draws `count` triplets for each anchor. Memory O(n (m + count)).
 *
 * @param state of the draws; moves on
 */
export function drawTriplets(relations: LabelRelations, count: number, state: tf.Variable<tf.Rank.R2>): PickedTriplets {
  const { queryCount, positiveIndexMask } = relations
  const isNegative = relations.negatives()
  const draws = tf.reshape(drawIntegers(state, 2 * queryCount * count), [2, queryCount, count])
  const [first, second] = tf.unstack(draws) as [tf.Tensor2D, tf.Tensor2D]
  const [positives, negatives] = [counts(positiveIndexMask), counts(isNegative)]
  const below = (values: tf.Tensor2D, bounds: tf.Tensor2D) => tf.mod<tf.Tensor2D>(values, tf.maximum(bounds, tf.scalar(1, 'int32')))
  const hasBoth = tf.cast(tf.logicalAnd(tf.greater(positives, 0), tf.greater(negatives, 0)), 'float32')
  return {
    kind: 'pickedTriplets',
    positiveIndex: gatherColumns(relations.positiveIndex, below(first, positives)),
    negativeIndex: tf.cast(gatherColumns(packedColumns(isNegative), below(second, negatives)), 'int32'),
    weights: tf.mul(hasBoth, tf.ones<tf.Rank.R2>([1, count])),
    referenceCount: relations.referenceCount,
  }
}

/** The number of ones in each row: int32 [n, 1]. */
const counts = (mask: tf.Tensor2D): tf.Tensor2D => tf.cast(tf.sum<tf.Tensor2D>(mask, 1, true), 'int32')

/** The columns that hold a one in each row, ascending, then zeros: float32 [n, m]. */
function packedColumns(mask: tf.Tensor2D): tf.Tensor2D {
  const [rows, columns] = mask.shape
  const rank = tf.sub(tf.cumsum(mask, 1), 1)
  const rowStart = tf.mul(tf.expandDims(tf.range(0, rows, 1, 'int32'), 1), tf.scalar(columns, 'int32'))
  const places = tf.add(tf.maximum(tf.cast(rank, 'int32'), tf.scalar(0, 'int32')), rowStart)
  const values = tf.mul(mask, tf.range(0, columns))
  return tf.reshape(bincount(tf.reshape(places, [-1]), tf.reshape(values, [-1]), rows * columns), [rows, columns])
}
