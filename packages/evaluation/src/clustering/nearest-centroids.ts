import * as tf from '@tensorflow/tfjs-core'
import { turnOfEventLoop } from '@metric-learning/ops'
import type { HostMatrix } from '../embeddings/embedding-matrix.js'
import { rowTiles } from '../embeddings/row-tiles.js'
import { directionsOf, productsOf, type ReadyPoints } from './ready-points.js'

/** The nearest centroid of each point. */
export interface NearestCentroids {
  /** Its row: int32 [n]. */
  readonly clusters: Int32Array
  /** 2 x·c - ‖c‖², which is ‖x‖² - ‖x - c‖²: larger = nearer, float32 [n]; empty where nobody asked for them. */
  readonly scores: Float32Array
}

/**
 * The nearest centroid of each point by squared Euclidean distance, the first of equals: argmax of 2 x·c - ‖c‖². The event loop has a
 * turn after each tile.
 *
 * @param centroids [c, 1] of each: float32 [k, dim + 1]
 * @param options.scores whether these are wanted, too
 */
export async function nearestCentroids(
  points: ReadyPoints,
  centroids: HostMatrix,
  tileBytes: number,
  { scores: wantsScores = false }: { readonly scores?: boolean } = {},
): Promise<NearestCentroids> {
  const [rows, width] = points.device.shape
  const [clusters, scores] = [new Int32Array(rows), new Float32Array(wantsScores ? rows : 0)]
  const directions = directionsOf(centroids)
  try {
    for (const tile of rowTiles(rows, 4 * (width + centroids.rows), tileBytes)) {
      const products = productsOf(points, tile, directions)
      const [nearest, best] = [tf.argMax(products, 1), wantsScores ? tf.max(products, 1) : undefined]
      products.dispose()
      clusters.set(await nearest.data<'int32'>(), tile.firstRow)
      if (best) scores.set(await best.data<'float32'>(), tile.firstRow)
      tf.dispose([nearest, best])
      await turnOfEventLoop()
    }
  } finally {
    directions.dispose()
  }
  return { clusters, scores }
}
