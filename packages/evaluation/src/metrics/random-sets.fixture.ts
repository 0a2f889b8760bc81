import { Random } from '@metric-learning/contracts'

/** Points of a plane around a centre for each class, which overlap; every number is one of its own. */
export function randomSet(seed: number, rows: number, classes: number) {
  const random = new Random(seed)
  const labels = Int32Array.from({ length: rows }, () => random.int(classes))
  const embeddings = Float32Array.from({ length: 2 * rows }, (_, i) => Math.sin(1 + 2 * labels[i >> 1]! + (i % 2)) + 0.8 * random.normal())
  const squaredDistance = (a: number, b: number) => (embeddings[2 * a]! - embeddings[2 * b]!) ** 2 + (embeddings[2 * a + 1]! - embeddings[2 * b + 1]!) ** 2
  const others = (query: number) => Array.from({ length: rows }, (_, row) => row).filter((row) => row !== query)
  return {
    rows,
    labels,
    query: { embeddings, dim: 2 },
    squaredDistance,
    /** The others, nearest first. */
    ranked: (query: number) => others(query).sort((a, b) => squaredDistance(query, a) - squaredDistance(query, b)),
    /** Queries that have a match. */
    judged: Array.from({ length: rows }, (_, row) => row).filter((row) => others(row).some((other) => labels[other] === labels[row])),
  }
}

export const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
