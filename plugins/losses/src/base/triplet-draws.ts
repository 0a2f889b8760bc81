import * as tf from '@tensorflow/tfjs-core'
import { expectNumber } from '@metric-learning/contracts'

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

/** @throws {OptionError} when `tripletsPerAnchor` is neither `'all'` nor an integer of at least 1. */
export function expectTripletDraws(who: string, { tripletsPerAnchor = 'all', seed = 0 }: TripletDrawOptions): void {
  expectNumber(who, 'seed', seed, { integer: true })
  if (tripletsPerAnchor === 'all') return
  expectNumber(who, 'tripletsPerAnchor', tripletsPerAnchor, { min: 1, integer: true, hint: "Pass such a number, or 'all'." })
}

/** matrix[rows, columns], element by element, differentiable: float32 of their shape. */
export function elementsAt(matrix: tf.Tensor2D, rows: tf.Tensor2D, columns: tf.Tensor2D): tf.Tensor2D {
  const flat = tf.add(tf.mul(rows, tf.scalar(matrix.shape[1], 'int32')), columns)
  return tf.gather(tf.reshape(matrix, [-1]) as tf.Tensor, flat as tf.Tensor2D) as tf.Tensor2D
}
