import { expectFixedNumber, expectKnownOptions, expectNumber, OptionError, Random, type EmbeddingMatrix } from '@metric-learning/contracts'
import { toHostMatrix, type HostMatrix } from '../embeddings/embedding-matrix.js'
import { matrixAt } from '../embeddings/matrix-at.js'
import type { Clustering } from './clustering.js'
import { kMeansPlusPlus } from './k-means-plus-plus.js'
import { lloyd } from './lloyd.js'
import { nearestCentroids } from './nearest-centroids.js'
import { pointsAt, readyPoints, type ReadyPoints } from './ready-points.js'

export interface KMeansOptions {
  /** Rounds of assigning and averaging, fewer when nothing moves any more. Default 20, as in PyTorch Metric Learning. */
  readonly iterations?: number
  /** Of more points than this times the clusters, a random subset trains. Default 256, as in faiss. */
  readonly maxPointsPerCluster?: number
  /** How often to begin anew; the clusters with the least inertia are taken. Default 1. */
  readonly restarts?: number
  /** Equal seeds give equal clusters on one backend. Default 0. */
  readonly seed?: number
  /** Bytes that the working memory of a tile may take; more is no faster. Default 16 MiB. */
  readonly tileBytes?: number
}

/** Points a cluster among which first centroids are drawn. */
const SEEDED_AMONG = 20

/** Inertia, of Σ ‖x‖², below which the rounding of float32, 2^-23 of ‖x‖², is more than some hundredths of a squared distance. */
const IN_DOUBT = 2 ** -16

/**
 * k-means by Lloyd's algorithm from the first centroids of k-means++: each round assigns every point to its nearest centroid (squared
 * Euclidean) and moves centroids to the mean of their points, which makes the inertia Σ ‖x - c‖² small. A cluster that lost all
 * its points takes the one that is furthest from its centroid. In the first half of the rounds clusters are split and merged, too, wherever
 * one centroid for two clusters and two for a third make the inertia smaller: rounds alone leave such places as the first centroids made them.
 *
 * Points are taken less their mean, scaled to norms of at most 1: an offset or a scale changes nothing. Distances are float32, computed by native code or
 * on the device; means are taken in double precision. Where points are so near to their centroids, beside how far all are from the mean, that
 * float32 does not tell centroids apart, as in groups of clusters far from each other, all begins anew, and those in doubt are compared in float64.
 * Nothing depends on the number of threads.
 *
 * @throws {OptionError} when an option is unknown or outside its range.
 * @see Lloyd, Least Squares Quantization in PCM, IEEE Trans. Inf. Theory 28 (1982).
 * @see Kaukoranta, Fränti, Nevalainen, Iterative split-and-merge algorithm for vector quantization codebook generation, Optical Engineering 37 (1998).
 * @see Arthur, Vassilvitskii, k-means++: The Advantages of Careful Seeding, SODA 2007.
 */
export class KMeans implements Clustering {
  readonly #iterations: number
  readonly #maxPointsPerCluster: number
  readonly #restarts: number
  readonly #seed: number
  readonly #tileBytes: number

  constructor(options: KMeansOptions = {}) {
    expectKnownOptions('KMeans', options, ['iterations', 'maxPointsPerCluster', 'restarts', 'seed', 'tileBytes'])
    const { iterations = 20, maxPointsPerCluster = 256, restarts = 1, seed = 0, tileBytes = 16 * 2 ** 20 } = options
    expectNumber('KMeans', 'iterations', iterations, { min: 1, integer: true })
    expectNumber('KMeans', 'maxPointsPerCluster', maxPointsPerCluster, { min: 1, integer: true })
    expectNumber('KMeans', 'restarts', restarts, { min: 1, integer: true })
    expectNumber('KMeans', 'seed', seed, { integer: true })
    expectFixedNumber('KMeans', 'tileBytes', tileBytes, { min: 1, hint: 'It is a number of bytes.' })
    this.#iterations = iterations
    this.#maxPointsPerCluster = maxPointsPerCluster
    this.#restarts = restarts
    this.#seed = seed
    this.#tileBytes = tileBytes
  }

  /**
   * @param points float32 [n, dim]
   * @returns the cluster of each point, in [0, clusters): int32 [n]
   * @throws {OptionError} when there are more clusters than points, or none.
   * @throws {ShapeError} when the points are no matrix.
   * @throws {DataError} when a number is not finite.
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
    const ready = await readyPoints(all)
    try {
      return (await this.#best(ready, clusters)) ?? (await this.#sharply(ready, clusters))
    } finally {
      ready.dispose()
    }
  }

  /** The same with centroids compared in float64 where float32 leaves a doubt. */
  async #sharply(points: ReadyPoints, clusters: number): Promise<Int32Array> {
    const sharp = points.sharpened()
    try {
      return (await this.#best(sharp, clusters))!
    } finally {
      sharp.dispose()
    }
  }

  /** The clusters of the restart with the least inertia; undefined where that is so small that float32 does not tell centroids apart. */
  async #best(points: ReadyPoints, clusters: number): Promise<Int32Array | undefined> {
    const { rows } = points.host
    const total = points.norms.reduce((sum, norm) => sum + norm, 0)
    const trained = Math.min(rows, clusters * this.#maxPointsPerCluster)
    let best: { readonly clusters: Int32Array; readonly inertia: number } | undefined
    for (let restart = 0; restart < this.#restarts; restart++) {
      const random = Random.at(this.#seed, 'KMeans', restart)
      const order = trained === rows ? undefined : random.shuffle(Int32Array.from({ length: rows }, (_, row) => row))
      const sample = order ? pointsAt(points, order.subarray(0, trained)) : points
      try {
        const centroids = await this.#first(sample, clusters, random)
        const trainedOn = await lloyd(sample, centroids, { iterations: this.#iterations, exchanges: Math.ceil(this.#iterations / 2) }, this.#tileBytes)
        const found = sample === points ? trainedOn : (await nearestCentroids(points, centroids, this.#tileBytes)).clusters
        const inertia = inertiaOf(points.host, centroids, found)
        if (!points.isSharp && inertia > 0 && inertia < IN_DOUBT * total) return undefined
        if (!best || inertia < best.inertia) best = { clusters: found, inertia }
      } finally {
        if (sample !== points) sample.dispose()
      }
    }
    return best!.clusters
  }

  /** The first centroids, drawn among a random subset where there are many points: those drawn among all are no better. */
  async #first(points: ReadyPoints, clusters: number, random: Random): Promise<HostMatrix> {
    const { rows } = points.host
    const count = SEEDED_AMONG * clusters
    if (count >= rows) return matrixAt(points.host, await kMeansPlusPlus(points, clusters, random, this.#tileBytes))
    const some = pointsAt(points, distinct(rows, count, random))
    try {
      return matrixAt(some.host, await kMeansPlusPlus(some, clusters, random, this.#tileBytes))
    } finally {
      some.dispose()
    }
  }
}

/** Σ ‖x - c‖², of each point and the centroid of its cluster. */
function inertiaOf({ values, dim }: HostMatrix, centroids: HostMatrix, assignment: Int32Array): number {
  let sum = 0
  for (let row = 0, at = 0; row < assignment.length; row++) {
    for (let i = assignment[row]! * dim, end = i + dim; i < end; i++, at++) sum += (values[at]! - centroids.values[i]!) ** 2
  }
  return sum
}

/** Some of the numbers below one, each once, in the order of their draw. */
function distinct(below: number, count: number, random: Random): Int32Array {
  const drawn = new Set<number>()
  while (drawn.size < count) drawn.add(random.int(below))
  return Int32Array.from(drawn)
}
