import * as tf from '@tensorflow/tfjs-core'
import { expectNumber, type LabelRelations } from '@metric-learning/contracts'
import { bincount, drawIntegers, gatherColumns } from '@metric-learning/ops'

/** Options of losses over triplets that may look at some of them only. */
export interface TripletDrawOptions {
  /**
   * How many triplets of each anchor are looked at: all, or so many that are drawn anew in every call, positives and negatives
   * uniformly and with replacement. Holds where no selection is given. Default `'all'`.
   */
  readonly tripletsPerAnchor?: 'all' | number
  /** Fixes the draws. Default 0. */
  readonly seed?: number
}

/** Triplets that were drawn, t for each anchor. */
export interface DrawnTriplets {
  /** Reference rows of the positives: int32 [n, t]. */
  readonly positiveIndex: tf.Tensor2D
  /** Reference rows of the negatives: int32 [n, t]. */
  readonly negativeIndex: tf.Tensor2D
  /** 1, and 0 for anchors that lack positives or negatives: float32 [n, t]. */
  readonly weights: tf.Tensor2D
}

/** @throws {OptionError} when `tripletsPerAnchor` is neither `'all'` nor an integer of at least 1. */
export function expectTripletDraws(who: string, { tripletsPerAnchor = 'all', seed = 0 }: TripletDrawOptions): void {
  expectNumber(who, 'seed', seed, { integer: true })
  if (tripletsPerAnchor === 'all') return
  expectNumber(who, 'tripletsPerAnchor', tripletsPerAnchor, { min: 1, integer: true, hint: "Pass such a number, or 'all'." })
}

/**
 * Draws `count` triplets for each anchor. Memory O(n (m + count)).
 *
 * @param state of the draws; moves on
 */
export function drawTriplets(relations: LabelRelations, count: number, state: tf.Variable<tf.Rank.R2>): DrawnTriplets {
  const { queryCount, positiveIndexMask } = relations
  const isNegative = relations.negatives()
  const draws = tf.reshape(drawIntegers(state, 2 * queryCount * count), [2, queryCount, count])
  const [first, second] = tf.unstack(draws) as [tf.Tensor2D, tf.Tensor2D]
  const [positives, negatives] = [counts(positiveIndexMask), counts(isNegative)]
  const below = (values: tf.Tensor2D, bounds: tf.Tensor2D) => tf.mod<tf.Tensor2D>(values, tf.maximum(bounds, tf.scalar(1, 'int32')))
  const hasBoth = tf.cast(tf.logicalAnd(tf.greater(positives, 0), tf.greater(negatives, 0)), 'float32')
  return {
    positiveIndex: gatherColumns(relations.positiveIndex, below(first, positives)),
    negativeIndex: tf.cast(gatherColumns(packedColumns(isNegative), below(second, negatives)), 'int32'),
    weights: tf.mul(hasBoth, tf.ones<tf.Rank.R2>([1, count])),
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

/** matrix[rows, columns], element by element, differentiable: float32 of their shape. */
export function elementsAt(matrix: tf.Tensor2D, rows: tf.Tensor2D, columns: tf.Tensor2D): tf.Tensor2D {
  const flat = tf.add(tf.mul(rows, tf.scalar(matrix.shape[1], 'int32')), columns)
  return tf.gather(tf.reshape(matrix, [-1]) as tf.Tensor, flat as tf.Tensor2D) as tf.Tensor2D
}
