import * as tf from '@tensorflow/tfjs-core'
import { turnOfEventLoop } from '@metric-learning/ops'
import type { HostMatrix } from '../embeddings/embedding-matrix.js'
import { rowTiles } from '../embeddings/row-tiles.js'
import { directionsOf, type ReadyPoints } from './ready-points.js'

/** The nearest centroid of each point. */
export interface NearestCentroids {
  /** Its row: int32 [n]. */
  readonly clusters: Int32Array
  /** 2 x·c - ‖c‖², which is ‖x‖² - ‖x - c‖²: larger = nearer, float32 [n]. */
  readonly scores: Float32Array
}

/**
 * The nearest centroid of each point by squared Euclidean distance, the first of equals: argmax of 2 x·c - ‖c‖². The event loop has a
 * turn after each tile.
 *
 * @param centroids [c, 1] of each: float32 [k, dim + 1]
 */
export async function nearestCentroids({ device }: ReadyPoints, centroids: HostMatrix, tileBytes: number): Promise<NearestCentroids> {
  const [rows, width] = device.shape
  const [clusters, scores] = [new Int32Array(rows), new Float32Array(rows)]
  const directions = directionsOf(centroids)
  try {
    for (const { firstRow, rowCount } of rowTiles(rows, 4 * (width + centroids.rows), tileBytes)) {
      const products = tf.tidy(() => tf.matMul(tf.slice(device, [firstRow, 0], [rowCount, width]), directions, false, true))
      const [nearest, best] = [tf.argMax(products, 1), tf.max(products, 1)]
      products.dispose()
      clusters.set(await nearest.data<'int32'>(), firstRow)
      scores.set(await best.data<'float32'>(), firstRow)
      tf.dispose([nearest, best])
      await turnOfEventLoop()
    }
  } finally {
    directions.dispose()
  }
  return { clusters, scores }
}
