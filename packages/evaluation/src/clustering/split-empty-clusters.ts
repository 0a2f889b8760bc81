import type { Random } from '@metric-learning/contracts'
import type { HostMatrix } from '../embeddings/embedding-matrix.js'

/** How far the halves of a split cluster part, relative to each coordinate. */
const nudge = 1 / 1024

/**
 * Mends clusters without points, in place: each takes half of another, drawn with probability proportional to its
 * size less one. Both get the centroid of the drawn one, moved apart by ± 1/1024 of each coordinate, with signs that
 * alternate.
 *
 * @param sizes points of each cluster, kept up to date
 */
export function splitEmptyClusters(centroids: HostMatrix, sizes: Int32Array, random: Random): void {
  sizes.forEach((size, empty) => {
    if (size > 0) return
    const donor = drawDonor(sizes, random)
    if (donor === -1) return
    moveApart(centroids, empty, donor)
    sizes[empty] = sizes[donor]! >> 1
    sizes[donor]! -= sizes[empty]!
  })
}

/** -1 when no cluster has two points. */
function drawDonor(sizes: Int32Array, random: Random): number {
  const spare = sizes.reduce((sum, size) => sum + Math.max(0, size - 1), 0)
  let left = random.uniform() * spare
  return sizes.findIndex((size) => (left -= Math.max(0, size - 1)) < 0)
}

function moveApart({ values, dim }: HostMatrix, empty: number, donor: number): void {
  for (let column = 0; column < dim; column++) {
    const step = column % 2 === 0 ? nudge : -nudge
    const value = values[donor * dim + column]!
    values[empty * dim + column] = value * (1 + step)
    values[donor * dim + column] = value * (1 - step)
  }
}
