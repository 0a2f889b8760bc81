import type { Random } from '@metric-learning/contracts'
import { matrixAt } from '../embeddings/matrix-at.js'
import { nearestCentroids } from './nearest-centroids.js'
import type { ReadyPoints } from './ready-points.js'

/** Centroids that are drawn before distances to them are computed. */
const MOST_AT_ONCE = 256

/**
 * First centroids by k-means++: rows of points, each drawn in proportion to its squared distance from the nearest that was drawn before.
 *
 * Distances are computed for some centroids at once. Within such a batch a row is drawn by the distances before it, and taken
 * with a probability of what the batch has left of its distance: this is the same distribution. Where all distances are 0, rows that
 * were not drawn yet take their turn.
 *
 * @returns rows of the points: int32 [clusters], each once
 * @see Arthur, Vassilvitskii, k-means++: The Advantages of Careful Seeding, SODA 2007.
 */
export async function kMeansPlusPlus(points: ReadyPoints, clusters: number, random: Random, tileBytes: number): Promise<Int32Array> {
  const { rows } = points.host
  const chosen = new Int32Array(clusters)
  const isChosen = new Uint8Array(rows)
  // Squared distances from the nearest centroid, and their running sums.
  const distances = new Float64Array(rows).fill(Infinity)
  const sums = new Float64Array(rows)
  let count = 0
  const take = (row: number) => {
    chosen[count++] = row
    isChosen[row] = 1
  }
  take(random.int(rows))
  for (let known = 0; count < clusters; ) {
    await lowerDistances(points, chosen.subarray(known, count), distances, tileBytes)
    known = count
    let total = 0
    for (let row = 0; row < rows; row++) sums[row] = total += isChosen[row] ? 0 : distances[row]!
    if (total === 0) {
      for (let row = 0; count < clusters; row++) if (!isChosen[row]) take(row)
      break
    }
    // As many as there are, so that a batch leaves most distances as they are.
    const most = Math.min(clusters - count, known, MOST_AT_ONCE)
    for (let attempt = 0; attempt < 2 * most && count < known + most; attempt++) {
      const row = firstAbove(sums, random.uniform() * total)
      const left = Math.min(distances[row]!, nearestOf(points, row, chosen.subarray(known, count)))
      if (!isChosen[row] && random.uniform() * distances[row]! < left) take(row)
    }
  }
  return chosen
}

/** Lowers distances to those from further centroids: ‖x‖² - max(2 x·c - ‖c‖²). */
async function lowerDistances(points: ReadyPoints, chosen: Int32Array, distances: Float64Array, tileBytes: number): Promise<void> {
  const { host, norms } = points
  const { scores } = await nearestCentroids(points, matrixAt(host, chosen), tileBytes, { scores: true })
  for (let row = 0; row < host.rows; row++) distances[row] = Math.max(0, Math.min(distances[row]!, norms[row]! - scores[row]!))
  for (const row of chosen) distances[row] = 0
}

/** The squared distance of a row from the nearest of some others. */
function nearestOf({ host: { values, dim: width } }: ReadyPoints, row: number, others: Int32Array): number {
  let nearest = Infinity
  for (const other of others) {
    let sum = 0
    for (let i = row * width, j = other * width; i < (row + 1) * width; i++, j++) sum += (values[i]! - values[j]!) ** 2
    if (sum < nearest) nearest = sum
  }
  return nearest
}

/** The first of some ascending numbers that is above one. */
function firstAbove(ascending: Float64Array, value: number): number {
  let [low, high] = [0, ascending.length - 1]
  while (low < high) {
    const middle = (low + high) >> 1
    if (ascending[middle]! > value) high = middle
    else low = middle + 1
  }
  return low
}
