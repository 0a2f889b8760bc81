import type { HostMatrix } from '../embeddings/embedding-matrix.js'

/**
 * Mends clusters without points, in place: each takes the point that is furthest from its centroid, the next one takes the next
 * furthest. Where no point is apart from its centroid, there is nothing to mend.
 *
 * @param points and centroids of one width
 * @param assignment the cluster of each point
 * @param sizes points of each cluster
 * @returns the clusters that were mended
 */
export function fillEmptyClusters(centroids: HostMatrix, points: HostMatrix, assignment: Int32Array, sizes: Int32Array): number[] {
  const empty = Array.from(sizes.keys()).filter((cluster) => sizes[cluster] === 0)
  if (empty.length === 0) return []
  const { values, dim } = points
  const distances = Float64Array.from(assignment, (cluster, row) => {
    let sum = 0
    for (let i = row * dim, j = cluster * dim; i < (row + 1) * dim; i++, j++) sum += (values[i]! - centroids.values[j]!) ** 2
    return sum
  })
  const furthest = Int32Array.from(distances.keys()).sort((a, b) => distances[b]! - distances[a]! || a - b)
  return empty.filter((cluster, i) => {
    const row = furthest[i]!
    if (distances[row] === 0) return false
    centroids.values.set(values.subarray(row * dim, (row + 1) * dim), cluster * dim)
    return true
  })
}
