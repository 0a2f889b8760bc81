import * as tf from '@tensorflow/tfjs-core'
import type { LabelRelations, PickedTriplets } from '@metric-learning/contracts'
import { rowsOfBlock } from '../blocks/block-bytes.js'
import { mapRowBlocks } from '../blocks/map-row-blocks.js'
import { drawIntegers, drawnRange, type Draws } from '../device-draws.js'
import { withoutGradient } from '../gradients/without-gradient.js'
import { bincount } from '../numerics/bincount.js'
import { countUpTo } from '../numerics/count-up-to.js'
import { gatherColumns } from './convert-selection.js'

/**
 * Draws `count` triplets for each anchor, with replacement; 0 for anchors that lack positives or negatives. Memory O(n (m + count)).
 *
 * @param negativeWeights how likely each negative is drawn, beside the others of its anchor: float32 [n, m], 0 for what is none.
 * Default: all alike
 */
export function drawTriplets(relations: LabelRelations, count: number, draws: Draws, negativeWeights?: tf.Tensor2D): PickedTriplets {
  const { queryCount, positiveIndexMask } = relations
  const drawn = tf.reshape(drawIntegers(2 * queryCount * count, draws), [2, queryCount, count])
  const [first, second] = tf.unstack(drawn) as [tf.Tensor2D, tf.Tensor2D]
  const positives = counts(positiveIndexMask)
  const [negativeIndex, hasNegative] = negativeWeights ? weightedColumns(negativeWeights, second) : uniformNegatives(relations, second)
  const hasBoth = tf.cast(tf.logicalAnd(tf.greater(positives, 0), hasNegative), 'float32')
  return {
    kind: 'pickedTriplets',
    positiveIndex: gatherColumns(relations.positiveIndex, below(first, positives)),
    negativeIndex,
    weights: tf.mul(hasBoth, tf.ones<tf.Rank.R2>([1, count])),
    referenceCount: relations.referenceCount,
  }
}

/** Columns that were drawn in each row, int32 [n, t], and whether there were any, bool [n, 1]. */
type DrawnColumns = readonly [index: tf.Tensor2D, exist: tf.Tensor]

/** Negatives of each anchor, in blocks of anchors where the masks of all are too large. */
function uniformNegatives(relations: LabelRelations, drawn: tf.Tensor2D): DrawnColumns {
  const { constants, whole, of } = relations.byBlocks()
  const both = withoutGradient(() =>
    mapRowBlocks<tf.Tensor>(rowsOfBlock(relations.referenceCount), [drawn, ...constants], ([draw, ...labels]) => {
      const isNegative = of({ constants: labels, whole }).negatives()
      const count = counts(isNegative)
      const chosen = gatherColumns(packedColumns(isNegative), below(draw as tf.Tensor2D, count))
      return tf.concat([tf.cast(chosen, 'int32'), count], 1)
    }),
  ) as tf.Tensor2D
  const [index, count] = tf.split(both, [drawn.shape[1], 1], 1) as [tf.Tensor2D, tf.Tensor2D]
  return [index, tf.greater(count, 0)]
}

/** Where a share of the cumulated weights falls, which is in a column of weight 0 never. */
function weightedColumns(weights: tf.Tensor2D, drawn: tf.Tensor2D): DrawnColumns {
  const cumulated = tf.cumsum<tf.Tensor2D>(weights, 1)
  const [rows, columns] = weights.shape
  const total = tf.slice(cumulated, [0, columns - 1], [rows, 1])
  // Below 1 in float32, and so the product is below the total.
  const share = tf.minimum(tf.div(tf.cast(drawn, 'float32'), drawnRange), 1 - 2 ** -24)
  const index = countUpTo(cumulated, tf.mul<tf.Tensor2D>(share, total))
  return [tf.minimum<tf.Tensor2D>(index, tf.scalar(columns - 1, 'int32')), tf.greater(total, 0)]
}

const below = (values: tf.Tensor2D, bounds: tf.Tensor2D): tf.Tensor2D => tf.mod(values, tf.maximum(bounds, tf.scalar(1, 'int32')))

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
