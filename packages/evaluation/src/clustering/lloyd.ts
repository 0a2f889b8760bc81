import { availableParallelism } from 'node:os'
import { nativeNeighbours } from '@metric-learning/ops'
import type { HostMatrix } from '../embeddings/embedding-matrix.js'
import { matrixAt } from '../embeddings/matrix-at.js'
import { ClusterExchange } from './exchange-clusters.js'
import { fillEmptyClusters } from './fill-empty-clusters.js'
import { nearestCentroids, type NearestCentroids } from './nearest-centroids.js'
import { pointsAt, type ReadyPoints } from './ready-points.js'

/** A copy of a point takes as long as its products with so many centroids. */
const WORTH_COPYING = 256

/** How often centroids are moved. */
export interface LloydRounds {
  /** Rounds at most. */
  readonly iterations: number
  /** In so many of them, the first ones, clusters are split and merged. */
  readonly exchanges: number
}

/**
 * Lloyd's rounds: each assigns every point to its nearest centroid and moves centroids, in place, to the mean of their points, until no
 * point changes its cluster. In the first ones a {@link ClusterExchange} moves some of them further.
 *
 * Native code does all of it. Elsewhere, and of sharp points, a point whose centroid stayed is compared with those that moved alone: towards the end that is next to
 * nothing, and the clusters are the same.
 *
 * @param centroids [c, 1] of each: float32 [k, dim + 1]
 * @returns the cluster of each point, by the centroids as they are left: int32 [n]
 * @see Lloyd, Least Squares Quantization in PCM, IEEE Trans. Inf. Theory 28 (1982).
 */
export async function lloyd(points: ReadyPoints, centroids: HostMatrix, { iterations, exchanges }: LloydRounds, tileBytes: number): Promise<Int32Array> {
  const native = nativeNeighbours()
  if (native?.onSameCores && !points.isSharp) {
    return native.neighbours.lloyd({ points: points.host.values, centroids: centroids.values, dim: centroids.dim, iterations, exchanges, threads: availableParallelism() })
  }
  // Scores are for points that are not compared with all centroids again.
  const scores = centroids.rows > WORTH_COPYING
  let nearest = await nearestCentroids(points, centroids, tileBytes, { scores })
  const means = new Means(points.host, centroids.rows)
  const exchange = new ClusterExchange(centroids.rows, centroids.dim)
  // Those that do not stand at the mean of their points.
  let elsewhere: number[] = []
  for (let iteration = 0; iteration < iterations; iteration++) {
    const moved = Int32Array.from(new Set([...means.follow(nearest.clusters), ...elsewhere]))
    if (moved.length === 0) break
    means.move(centroids, moved)
    elsewhere = fillEmptyClusters(centroids, points.host, nearest.clusters, means.sizes)
    if (iteration < exchanges) elsewhere.push(...exchange.look({ points: points.host, centroids, assignment: nearest.clusters, sizes: means.sizes }))
    const all = Int32Array.from(new Set([...moved, ...elsewhere])).sort()
    // Products that are spared, a point.
    const spared = (centroids.rows - all.length) * (1 - means.pointsOf(all) / points.host.rows)
    nearest = spared < WORTH_COPYING ? await nearestCentroids(points, centroids, tileBytes, { scores }) : await reassign(points, centroids, nearest, all, tileBytes)
  }
  return nearest.clusters
}

/** What becomes of an assignment when some centroids moved. */
async function reassign(points: ReadyPoints, centroids: HostMatrix, before: NearestCentroids, moved: Int32Array, tileBytes: number): Promise<NearestCentroids> {
  const hasMoved = new Uint8Array(centroids.rows)
  for (const cluster of moved) hasMoved[cluster] = 1
  const [clusters, scores] = [before.clusters.slice(), before.scores.slice()]
  const all = Int32Array.from({ length: clusters.length }, (_, row) => row)
  const ofMoved = await nearestAmong(all.filter((row) => hasMoved[clusters[row]!]), centroids)
  const ofOthers = await nearestAmong(all.filter((row) => !hasMoved[clusters[row]!]), matrixAt(centroids, moved))
  ofMoved.rows.forEach((row, i) => {
    clusters[row] = ofMoved.clusters[i]!
    scores[row] = ofMoved.scores[i]!
  })
  ofOthers.rows.forEach((row, i) => {
    if (ofOthers.scores[i]! <= scores[row]!) return
    clusters[row] = moved[ofOthers.clusters[i]!]!
    scores[row] = ofOthers.scores[i]!
  })
  return { clusters, scores }

  async function nearestAmong(rows: Int32Array, among: HostMatrix): Promise<NearestCentroids & { readonly rows: Int32Array }> {
    if (rows.length === 0 || among.rows === 0) return { rows: new Int32Array(), clusters: new Int32Array(), scores: new Float32Array() }
    const some = pointsAt(points, rows)
    try {
      return { rows, ...(await nearestCentroids(some, among, tileBytes, { scores: true })) }
    } finally {
      some.dispose()
    }
  }
}

/** Sums of the points of each cluster in float64, which follow the points that change it. */
class Means {
  readonly sizes: Int32Array
  readonly #points: HostMatrix
  readonly #sums: Float64Array
  readonly #clusters: Int32Array

  constructor(points: HostMatrix, clusters: number) {
    this.#points = points
    this.#sums = new Float64Array(clusters * points.dim)
    this.#clusters = new Int32Array(points.rows).fill(-1)
    this.sizes = new Int32Array(clusters)
  }

  /** Takes a new assignment, and gives the clusters whose points are not what they were. */
  follow(clusters: Int32Array): Int32Array {
    const changed = new Set<number>()
    for (let row = 0; row < clusters.length; row++) {
      const [from, to] = [this.#clusters[row]!, clusters[row]!]
      if (from === to) continue
      if (from !== -1) this.#add(row, from, -1)
      this.#add(row, to, 1)
      changed.add(from).add(to)
    }
    this.#clusters.set(clusters)
    changed.delete(-1)
    return Int32Array.from(changed)
  }

  /** How many points some clusters have. */
  pointsOf(clusters: Int32Array): number {
    return clusters.reduce((sum, cluster) => sum + this.sizes[cluster]!, 0)
  }

  /** Moves centroids to the means of their points; one without points stays where it is. */
  move(centroids: HostMatrix, clusters: Int32Array): void {
    const { dim } = centroids
    for (const cluster of clusters) {
      const size = this.sizes[cluster]!
      if (size === 0) continue
      for (let at = cluster * dim; at < (cluster + 1) * dim; at++) centroids.values[at] = this.#sums[at]! / size
    }
  }

  #add(row: number, cluster: number, sign: 1 | -1): void {
    const { values, dim } = this.#points
    const sums = this.#sums
    this.sizes[cluster]! += sign
    for (let from = row * dim, to = cluster * dim, end = to + dim; to < end; from++, to++) sums[to]! += sign * values[from]!
  }
}
