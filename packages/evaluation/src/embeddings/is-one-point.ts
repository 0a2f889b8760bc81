import type { Embeddings } from '@metric-learning/contracts'

/** Relative to the largest number: some roundings of float32. */
const ROUNDING = 1e-6

/**
 * Whether all rows, two or more, are one point: no number is further from that of the first row than roundings of float32 are,
 * 1e-6 of the largest. Nothing tells such rows apart, so that a ranking of them is the order in which they came.
 */
export function isOnePoint(...matrices: readonly Embeddings[]): boolean {
  const [first] = matrices
  if (first === undefined) return false
  const { embeddings: point, dim } = first
  if (matrices.reduce((rows, { embeddings }) => rows + embeddings.length / dim, 0) < 2) return false
  let largest = 0
  for (let column = 0; column < dim; column++) largest = Math.max(largest, Math.abs(point[column]!))
  const near = ROUNDING * largest
  return matrices.every(({ embeddings }) => embeddings.every((value, i) => Math.abs(value - point[i % dim]!) <= near))
}
