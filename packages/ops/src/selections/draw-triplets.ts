import * as tf from '@tensorflow/tfjs-core'
import type { LabelRelations, PickedTriplets } from '@metric-learning/contracts'
import { rowsOfBlock } from '../blocks/block-bytes.js'
import { mapRowBlocks } from '../blocks/map-row-blocks.js'
import { drawIntegers, drawnRange, type Draws } from '../device-draws.js'
import { withoutGradient } from '../gradients/without-gradient.js'
import { bincount } from '../numerics/bincount.js'
import { countUpTo } from '../numerics/count-up-to.js'
import { gatherColumns } from './convert-selection.js'

/** How likely each negative is drawn, beside the others of its anchor. */
export interface NegativeWeights {
  /** What they follow from, a row an anchor. */
  readonly rows: readonly tf.Tensor[]
  /** Those of some anchors, the first of which is `start` among all: float32 [rows, m], 0 for what is none. */
  of(rows: readonly tf.Tensor[], relations: LabelRelations, start: number): tf.Tensor2D
}

/**
 * Draws `count` triplets for each anchor, with replacement; 0 for anchors that lack positives or negatives. Memory O(n count), and
 * blocks of anchors of [n, m].
 *
 * @param weights of negatives. Default: all alike
 */
export function drawTriplets(relations: LabelRelations, count: number, draws: Draws, weights?: NegativeWeights): PickedTriplets {
  const { queryCount, positiveIndexMask } = relations
  const drawn = tf.reshape(drawIntegers(2 * queryCount * count, draws), [2, queryCount, count])
  const [first, second] = tf.unstack(drawn) as [tf.Tensor2D, tf.Tensor2D]
  const positives = counts(positiveIndexMask)
  const [negativeIndex, hasNegative] = drawNegatives(relations, second, weights)
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
function drawNegatives(relations: LabelRelations, drawn: tf.Tensor2D, weights: NegativeWeights | undefined): DrawnColumns {
  const { constants, whole, of } = relations.byBlocks()
  const given = weights?.rows ?? []
  const both = withoutGradient(() =>
    mapRowBlocks<tf.Tensor>(rowsOfBlock(relations.referenceCount), [drawn, ...given, ...constants], ([draw, ...rows], start) => {
      const ofBlock = of({ constants: rows.slice(given.length), whole })
      const [index, exist] = weights
        ? weightedColumns(weights.of(rows.slice(0, given.length), ofBlock, start), draw as tf.Tensor2D)
        : uniformColumns(ofBlock.negatives(), draw as tf.Tensor2D)
      return tf.concat([index, tf.cast(exist, 'int32')], 1)
    }),
  ) as tf.Tensor2D
  const [index, exist] = tf.split(both, [drawn.shape[1], 1], 1) as [tf.Tensor2D, tf.Tensor2D]
  return [index, tf.greater(exist, 0)]
}

function uniformColumns(mask: tf.Tensor2D, drawn: tf.Tensor2D): DrawnColumns {
  const count = counts(mask)
  return [tf.cast(gatherColumns(packedColumns(mask), below(drawn, count)), 'int32'), tf.greater(count, 0)]
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
