/** Divides each row by max(Euclidean norm, 1e-12), in place. */
export function normalizeRows(values: Float32Array, dim: number): void {
  for (let start = 0; start < values.length; start += dim) {
    const row = values.subarray(start, start + dim)
    const norm = Math.max(Math.sqrt(row.reduce((sum, value) => sum + value * value, 0)), 1e-12)
    for (let i = 0; i < dim; i++) row[i]! /= norm
  }
}
