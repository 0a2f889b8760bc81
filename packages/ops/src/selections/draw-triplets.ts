import * as tf from '@tensorflow/tfjs-core'
import type { LabelRelations } from '@metric-learning/contracts'
import { drawIntegers, type Draws } from '../device-draws.js'
import { rowsOfBlock } from '../blocks/block-bytes.js'
import { mapRowBlocks } from '../blocks/map-row-blocks.js'
import { withoutGradient } from '../gradients/without-gradient.js'
import { bincount } from '../numerics/bincount.js'
import { gatherColumns } from './convert-selection.js'

/** Triplets that were drawn, t for each anchor. */
export interface DrawnTriplets {
  /** Reference rows of the positives: int32 [n, t]. */
  readonly positiveIndex: tf.Tensor2D
  /** Reference rows of the negatives: int32 [n, t]. */
  readonly negativeIndex: tf.Tensor2D
  /** 1, and 0 for anchors that lack positives or negatives: float32 [n, t]. */
  readonly weights: tf.Tensor2D
}

/** Draws `count` triplets for each anchor. Memory O(n count), and O(n m) in blocks of anchors beyond {@link blockBytes}. */
export function drawTriplets(relations: LabelRelations, count: number, draws: Draws): DrawnTriplets {
  const { queryCount, referenceCount, positiveIndex, positiveIndexMask } = relations
  const drawn = tf.reshape(drawIntegers(2 * queryCount * count, draws), [2, queryCount, count])
  const [first, second] = tf.unstack(drawn) as [tf.Tensor2D, tf.Tensor2D]
  const { constants, whole, of } = relations.byBlocks()
  const ofNegatives = withoutGradient(() =>
    mapRowBlocks<tf.Tensor>(rowsOfBlock(referenceCount), [second, ...constants], ([draw, ...labels]) => {
      const isNegative = of({ constants: labels, whole }).negatives()
      const number = counts(isNegative)
      const chosen = gatherColumns(packedColumns(isNegative), below(draw as tf.Tensor2D, number))
      return tf.concat([tf.cast(chosen, 'int32'), number], 1)
    }),
  )
  const [negativeIndex, negatives] = tf.split(ofNegatives as tf.Tensor2D, [count, 1], 1) as [tf.Tensor2D, tf.Tensor2D]
  const positives = counts(positiveIndexMask)
  const hasBoth = tf.cast(tf.logicalAnd(tf.greater(positives, 0), tf.greater(negatives, 0)), 'float32')
  return {
    positiveIndex: gatherColumns(positiveIndex, below(first, positives)),
    negativeIndex,
    weights: tf.mul(hasBoth, tf.ones<tf.Rank.R2>([1, count])),
  }
}

/** Numbers below a bound of each row, and 0 below 0: int32 [n, count]. */
const below = (values: tf.Tensor2D, bounds: tf.Tensor2D): tf.Tensor2D => tf.mod<tf.Tensor2D>(values, tf.maximum(bounds, tf.scalar(1, 'int32')))

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
