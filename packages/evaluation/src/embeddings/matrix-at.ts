import type { HostMatrix } from './embedding-matrix.js'

/** Some rows of a matrix, in a copy. */
export function matrixAt({ values, dim }: Pick<HostMatrix, 'values' | 'dim'>, rows: Int32Array): HostMatrix {
  const picked = new Float32Array(rows.length * dim)
  rows.forEach((row, i) => {
    picked.set(values.subarray(row * dim, (row + 1) * dim), i * dim)
  })
  return { values: picked, rows: rows.length, dim }
}
