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
  /** 2 x·c - ‖c‖², which is ‖x‖² - ‖x - c‖²: larger = nearer, [n], float64 of sharp points; may be empty where nobody asked for them. */
  readonly scores: Float32Array | Float64Array
}

/**
 * The nearest centroid of each point by squared Euclidean distance, the first of equals: argmax of 2 x·c - ‖c‖². The event loop has a
 * turn after each tile; native code, where the backend has some, leaves it alone. Of sharp points the centroids that may be the nearest within
 * the rounding of float32 are compared in float64.
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
  if (native?.onSameCores && !points.isSharp) {
    const found = await native.neighbours.nearestRows({ points: values, directions: directionsOf(centroids), dim: width, threads: availableParallelism() })
    return { clusters: found.rows, scores: found.products }
  }
  const clusters = new Int32Array(rows)
  const scores = points.isSharp ? new Float64Array(rows) : new Float32Array(wantsScores ? rows : 0)
  const longest = points.isSharp ? Math.sqrt(longestNorm(centroids)) : 0
  // A column each, as products are fastest.
  const directions = tf.tidy(() => tf.transpose(tf.tensor2d(directionsOf(centroids), [centroids.rows, width])))
  try {
    for (const tile of rowTiles(rows, 4 * (width + centroids.rows), tileBytes)) {
      const products = productsOf(points, tile, directions)
      if (points.isSharp) {
        const read = await products.data<'float32'>()
        products.dispose()
        decideInDoubt(points, tile, { centroids, longest }, read, { clusters, scores })
        await turnOfEventLoop()
        continue
      }
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

/** Sets the nearest centroid of each point of a tile, and its score, from their float32 products; `longest` is the largest ‖c‖ of the centroids. */
function decideInDoubt({ host, norms }: ReadyPoints, { firstRow, rowCount }: RowTile, { centroids, longest }: { readonly centroids: HostMatrix; readonly longest: number }, products: Float32Array, { clusters, scores }: NearestCentroids): void {
  const { values, dim: width } = host
  // Of a sum of `width` products and of what they are made of: Higham, Accuracy and Stability of Numerical Algorithms, 3.1.
  const rounding = (width + 4) * 2 ** -24
  for (let row = firstRow, from = 0; row < firstRow + rowCount; row++, from += centroids.rows) {
    let most = -Infinity
    for (let at = from; at < from + centroids.rows; at++) if (products[at]! > most) most = products[at]!
    const doubtful = most - 2 * rounding * longest * (2 * Math.sqrt(norms[row]!) + longest)
    let least = Infinity
    for (let cluster = 0; cluster < centroids.rows; cluster++) {
      if (products[from + cluster]! < doubtful) continue
      let sum = 0
      for (let i = row * width, j = cluster * width; i < (row + 1) * width; i++, j++) sum += (values[i]! - centroids.values[j]!) ** 2
      if (sum >= least) continue
      least = sum
      clusters[row] = cluster
    }
    scores[row] = norms[row]! - least
  }
}

/** The largest ‖c‖² of centroids [c, 1]. */
function longestNorm({ values, rows, dim: width }: HostMatrix): number {
  let longest = 0
  for (let row = 0; row < rows; row++) {
    let sum = 0
    for (let i = row * width; i < (row + 1) * width - 1; i++) sum += values[i]! ** 2
    longest = Math.max(longest, sum)
  }
  return longest
}

/** A tile of points and their products with directions, which is the caller's to dispose of. */
function productsOf({ device }: ReadyPoints, { firstRow, rowCount }: RowTile, directions: tf.Tensor2D): tf.Tensor2D {
  const [rows, width] = device.shape
  if (rowCount === rows) return tf.matMul(device, directions)
  return tf.tidy(() => tf.matMul(tf.slice(device, [firstRow, 0], [rowCount, width]), directions))
}
