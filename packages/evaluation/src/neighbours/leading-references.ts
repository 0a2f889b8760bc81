import * as tf from '@tensorflow/tfjs-core'
import { windowAt, type LeadingReferences, type ScoredTile } from './tile-scorer.js'

/** How many are taken off the device to find the k nearest: those, the query itself, and some that scores may not tell from them. */
export const leadingCount = (k: number): number => k + 1 + Math.max(8, k >> 3)

/**
 * The leading references of each query of a tile, found on the device; `undefined` for a query of which there may be more.
 *
 * @param scores float32 [rows, m]
 * @param itself the reference that a query of the tile is; -1 for none
 */
export async function leadingReferences(
  scores: tf.Tensor2D,
  tile: ScoredTile,
  k: number,
  itself: (row: number) => number,
): Promise<(LeadingReferences | undefined)[]> {
  const count = leadingCount(k)
  const best = tf.topk(scores, count, true)
  try {
    const [values, indices] = [await best.values.data<'float32'>(), await best.indices.data<'int32'>()]
    return Array.from({ length: scores.shape[0] }, (_, row) => {
      const [start, end] = [row * count, (row + 1) * count]
      const own = itself(row)
      let to = start
      for (let from = start; from < end; from++) {
        if (indices[from] === own) continue
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
