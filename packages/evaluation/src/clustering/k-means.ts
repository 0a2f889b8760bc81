import * as tf from '@tensorflow/tfjs-core'
import { expectFixedNumber, expectKnownOptions, expectNumber, OptionError, Random, type EmbeddingMatrix } from '@metric-learning/contracts'
import { toHostMatrix, type HostMatrix } from '../embeddings/embedding-matrix.js'
import { nearestCentroids } from './nearest-centroids.js'
import { splitEmptyClusters } from './split-empty-clusters.js'
import type { Clustering } from './clustering.js'

export interface KMeansOptions {
  /** Rounds of assigning and averaging, fewer when nothing moves any more. Default 20, as in PyTorch Metric Learning. */
  readonly iterations?: number
  /** Of more points than this times the clusters, a random subset trains. Default 256, as in faiss. */
  readonly maxPointsPerCluster?: number
  /** Equal seeds give equal clusters on one backend. Default 0. */
  readonly seed?: number
  /** Bytes that the working memory of a tile may take. Default 64 MiB. */
  readonly tileBytes?: number
}

/**
 * k-means by Lloyd's algorithm, as faiss does it: random distinct points are the first centroids; each round assigns
 * every point to its nearest centroid (squared Euclidean) and moves centroids to the mean of their points; a cluster
 * that lost all its points takes half of another, drawn in proportion to its size.
 *
 * Distances are computed on the device, means on the host in double precision.
 *
 * @throws {OptionError} when an option is unknown or outside its range.
 */
export class KMeans implements Clustering {
  readonly #iterations: number
  readonly #maxPointsPerCluster: number
  readonly #seed: number
  readonly #tileBytes: number

  constructor(options: KMeansOptions = {}) {
    expectKnownOptions('KMeans', options, ['iterations', 'maxPointsPerCluster', 'seed', 'tileBytes'])
    const { iterations = 20, maxPointsPerCluster = 256, seed = 0, tileBytes = 64 * 2 ** 20 } = options
    expectNumber('KMeans', 'iterations', iterations, { min: 1, integer: true })
    expectNumber('KMeans', 'maxPointsPerCluster', maxPointsPerCluster, { min: 1, integer: true })
    expectNumber('KMeans', 'seed', seed, { integer: true })
    expectFixedNumber('KMeans', 'tileBytes', tileBytes, { min: 1, hint: 'It is a number of bytes.' })
    this.#iterations = iterations
    this.#maxPointsPerCluster = maxPointsPerCluster
    this.#seed = seed
    this.#tileBytes = tileBytes
  }

  /**
   * @param points float32 [n, dim]
   * @throws {OptionError} when there are more clusters than points, or none.
   * @throws {ShapeError} when the points are no matrix.
   */
  async cluster(points: EmbeddingMatrix, clusters: number): Promise<Int32Array> {
    const all = await toHostMatrix('KMeans', 'points', points)
    expectNumber('KMeans', 'clusters', clusters, { min: 1, integer: true })
    if (clusters > all.rows) {
      throw new OptionError({
        who: 'KMeans',
        wanted: `at most as many clusters as the ${all.rows} points`,
        got: String(clusters),
        fix: 'Ask for fewer clusters.',
      })
    }
    const random = new Random(this.#seed)
    const order = random.shuffle(Int32Array.from({ length: all.rows }, (_, row) => row))
    const centroids = rowsAt(all, order.subarray(0, clusters))
    const trained = Math.min(all.rows, clusters * this.#maxPointsPerCluster)
    const sample = trained === all.rows ? all : rowsAt(all, order.subarray(0, trained))

    await this.#train(sample, centroids, random)
    return this.#withDevicePoints(all, (device) => nearestCentroids(device, centroids, this.#tileBytes))
  }

  /** Moves the centroids in place. */
  #train(points: HostMatrix, centroids: HostMatrix, random: Random): Promise<void> {
    return this.#withDevicePoints(points, async (device) => {
      let previous: Int32Array | undefined
      for (let iteration = 0; iteration < this.#iterations; iteration++) {
        const assignment = await nearestCentroids(device, centroids, this.#tileBytes)
        if (previous?.every((cluster, row) => cluster === assignment[row])) return
        previous = assignment
        const sizes = moveToMeans(centroids, points, assignment)
        splitEmptyClusters(centroids, sizes, random)
      }
    })
  }

  async #withDevicePoints<T>({ values, rows, dim }: HostMatrix, work: (device: tf.Tensor2D) => Promise<T>): Promise<T> {
    const device = tf.tensor2d(values, [rows, dim])
    try {
      return await work(device)
    } finally {
      device.dispose()
    }
  }
}

function rowsAt({ values, dim }: HostMatrix, rows: Int32Array): HostMatrix {
  const picked = new Float32Array(rows.length * dim)
  rows.forEach((row, i) => {
    picked.set(values.subarray(row * dim, (row + 1) * dim), i * dim)
  })
  return { values: picked, rows: rows.length, dim }
}

/** Each centroid becomes the mean of its points; one without points stays where it is. Returns the sizes. */
function moveToMeans(centroids: HostMatrix, { values, dim }: HostMatrix, assignment: Int32Array): Int32Array {
  const sums = new Float64Array(centroids.values.length)
  const sizes = new Int32Array(centroids.rows)
  assignment.forEach((cluster, row) => {
    sizes[cluster]!++
    const from = row * dim
    const to = cluster * dim
    for (let column = 0; column < dim; column++) sums[to + column]! += values[from + column]!
  })
  sizes.forEach((size, cluster) => {
    if (size === 0) return
    for (let at = cluster * dim; at < (cluster + 1) * dim; at++) centroids.values[at] = sums[at]! / size
  })
  return sizes
}
