import type { Embeddings } from '@metric-learning/contracts'

/** Divides each row of embeddings on the host by max(‖row‖₂, 1e-12), in place. A row of zeros stays one. */
export function normalizeHostRows({ embeddings, dim }: Embeddings): void {
  for (let start = 0; start < embeddings.length; start += dim) {
    const row = embeddings.subarray(start, start + dim)
    const norm = Math.max(Math.sqrt(row.reduce((sum, value) => sum + value * value, 0)), 1e-12)
    for (let i = 0; i < dim; i++) row[i]! /= norm
  }
}
