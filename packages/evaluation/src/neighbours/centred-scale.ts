import type { HostMatrix } from '../embeddings/embedding-matrix.js'

/** The mean of rows, each times its inverse norm if there are such: float64 [dim]. */
export function centreOf({ values, rows, dim }: HostMatrix, inverseNorms: Float64Array | undefined): Float64Array {
  const centre = new Float64Array(dim)
  for (let row = 0, at = 0; row < rows; row++) {
    const inverse = inverseNorms?.[row] ?? 1
    for (let i = 0; i < dim; i++) centre[i]! += values[at++]! * inverse
  }
  return centre.map((sum) => sum / rows)
}

/** What rows less the centre are multiplied by, so that the largest norm is 1. */
export function scaleOf({ values, rows, dim }: HostMatrix, inverseNorms: Float64Array | undefined, centre: Float64Array): number {
  let largest = 0
  for (let row = 0, at = 0; row < rows; row++) {
    const inverse = inverseNorms?.[row] ?? 1
    let sum = 0
    for (let i = 0; i < dim; i++) sum += (values[at++]! * inverse - centre[i]!) ** 2
    largest = Math.max(largest, sum)
  }
  return largest > 0 ? 1 / Math.sqrt(largest) : 1
}
