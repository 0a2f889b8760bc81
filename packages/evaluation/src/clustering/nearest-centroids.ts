import { availableParallelism } from 'node:os'
import * as tf from '@tensorflow/tfjs-core'
import { nativeNeighbours, turnOfEventLoop } from '@metric-learning/ops'
import type { HostMatrix } from '../embeddings/embedding-matrix.js'
import { rowTiles, type RowTile } from '../embeddings/row-tiles.js'
import { directionsOf, type ReadyPoints } from './ready-points.js'

/** The nearest centroid of each point. */
export interface NearestCentroids {
  /** Its row: int32 [n]. */
  readonly clusters: Int32Array
  /** 2 x·c - ‖c‖², which is ‖x‖² - ‖x - c‖²: larger = nearer, float32 [n]; may be empty where nobody asked for them. */
  readonly scores: Float32Array
}

/**
 * The nearest centroid of each point by squared Euclidean distance, the first of equals: argmax of 2 x·c - ‖c‖². The event loop has a
 * turn after each tile; native code, where the backend has some, leaves it alone.
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
  const { values, rows, dim: width } = points.host
  const native = nativeNeighbours()
  if (native?.onSameCores) {
    const found = await native.neighbours.nearestRows({ points: values, directions: directionsOf(centroids), dim: width, threads: availableParallelism() })
    return { clusters: found.rows, scores: found.products }
  }
  const [clusters, scores] = [new Int32Array(rows), new Float32Array(wantsScores ? rows : 0)]
  // A column each, as products are fastest.
  const directions = tf.tidy(() => tf.transpose(tf.tensor2d(directionsOf(centroids), [centroids.rows, width])))
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

/** A tile of points and their products with directions, which is the caller's to dispose of. */
function productsOf({ device }: ReadyPoints, { firstRow, rowCount }: RowTile, directions: tf.Tensor2D): tf.Tensor2D {
  const [rows, width] = device.shape
  if (rowCount === rows) return tf.matMul(device, directions)
  return tf.tidy(() => tf.matMul(tf.slice(device, [firstRow, 0], [rowCount, width]), directions))
}
