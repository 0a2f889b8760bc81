import * as tf from '@tensorflow/tfjs-core'
import { turnOfEventLoop } from '@metric-learning/ops'
import type { HostMatrix } from '../embeddings/embedding-matrix.js'
import { rowTiles } from '../embeddings/row-tiles.js'

/**
 * The nearest centroid of each point by squared Euclidean distance, the first of equals: argmax of 2 x·c - ‖c‖². The event loop has a
 * turn after each tile.
 *
 * @param points float32 [n, dim], on the device
 */
export async function nearestCentroids(points: tf.Tensor2D, centroids: HostMatrix, tileBytes: number): Promise<Int32Array> {
  const [rows, dim] = points.shape
  const nearest = new Int32Array(rows)
  const directions = tf.tidy(() => tf.mul<tf.Tensor2D>(tf.tensor2d(centroids.values, [centroids.rows, dim]), 2))
  const norms = tf.tensor1d(squaredNorms(centroids))
  try {
    for (const { firstRow, rowCount } of rowTiles(rows, 4 * (dim + 2 * centroids.rows), tileBytes)) {
      const best = tf.tidy(() => {
        const tile = tf.slice(points, [firstRow, 0], [rowCount, dim])
        return tf.argMax(tf.sub(tf.matMul(tile, directions, false, true), norms), 1)
      })
      nearest.set(await best.data<'int32'>(), firstRow)
      best.dispose()
      await turnOfEventLoop()
    }
  } finally {
    tf.dispose([directions, norms])
  }
  return nearest
}

function squaredNorms({ values, rows, dim }: HostMatrix): Float32Array {
  return Float32Array.from({ length: rows }, (_, row) =>
    values.subarray(row * dim, (row + 1) * dim).reduce((sum, value) => sum + value * value, 0),
  )
}
