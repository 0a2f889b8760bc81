import * as tf from '@tensorflow/tfjs-core'
import { windowAt, type LeadingReferences, type ScoredTile } from './tile-scorer.js'

/** Scores of a tile come in groups of so many, of which the device finds the largest many times faster than the largest of all. */
export const GROUP = 16

/**
 * How many are taken off the device to find the k nearest: those, the query itself, some that scores may not tell from them, and what
 * fills the last group of `size`.
 */
export const leadingCount = (k: number, size: number): number => k + 1 + Math.max(8, k >> 3) + (-size & (GROUP - 1))

/**
 * The leading references of each query of a tile, found on the device; `undefined` for a query of which there may be more.
 *
 * @param scores float32 [rows, m], m in whole groups
 * @param size references that there are; what stands beyond fills the last group
 * @param itself the reference that a query of the tile is; -1 for none
 */
export async function leadingReferences(
  scores: tf.Tensor2D,
  tile: ScoredTile,
  size: number,
  k: number,
  itself: (row: number) => number,
): Promise<(LeadingReferences | undefined)[]> {
  const count = leadingCount(k, size)
  const best = tf.tidy(() => largest(scores, count))
  try {
    const [values, indices] = [await best.values.data<'float32'>(), await best.indices.data<'int32'>()]
    return Array.from({ length: scores.shape[0] }, (_, row) => {
      const [start, end] = [row * count, (row + 1) * count]
      const own = itself(row)
      let to = start
      for (let from = start; from < end; from++) {
        if (indices[from] === own || indices[from]! >= size) continue
        indices[to] = indices[from]!
        values[to++] = values[from]!
      }
      const found = { rows: indices.subarray(start, to), scores: values.subarray(start, to), trust: tile.trust(row, values) }
      const kth = found.scores[k - 1]!
      return values[to - 1]! < kth - windowAt(kth, found.trust) ? found : undefined
    })
  } finally {
    tf.dispose([best.values, best.indices])
  }
}

/**
 * The largest scores of each row, in order, and their columns. They are in the groups with the largest maxima: of a group beyond these none
 * is larger than any of as many maxima.
 */
function largest(scores: tf.Tensor2D, count: number): { values: tf.Tensor2D; indices: tf.Tensor2D } {
  const [rows, columns] = scores.shape
  const groups = columns / GROUP
  if (groups < 2 * count) return tf.topk<tf.Tensor2D>(scores, count, true)
  const leading: tf.Tensor2D = tf.topk(tf.max(tf.reshape(scores, [rows, groups, GROUP]), 2) as tf.Tensor2D, count, false).indices
  const among = tf.gather(tf.reshape(scores, [rows * groups, GROUP]), ofRows(leading, groups))
  const within = tf.topk<tf.Tensor2D>(tf.reshape(among, [rows, count * GROUP]) as tf.Tensor2D, count, true)
  const size = tf.scalar(GROUP, 'int32')
  const group = tf.floorDiv<tf.Tensor2D>(within.indices, size)
  const place = tf.sub(within.indices, tf.mul(group, size))
  const first = tf.mul(tf.gather(tf.reshape(leading, [rows * count]), ofRows(group, count)), size)
  return { values: within.values, indices: tf.add(first, place) }
}

/** Columns of each row of a matrix as places in all of it, row by row: gathering a batch of rows reads wrong memory on wasm. */
function ofRows(columns: tf.Tensor2D, width: number): tf.Tensor2D {
  const [rows] = columns.shape
  return tf.add(columns, tf.tensor2d(Int32Array.from({ length: rows }, (_, row) => row * width), [rows, 1]))
}
