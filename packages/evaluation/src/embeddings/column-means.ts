import type { HostMatrix } from './embedding-matrix.js'

/** The mean of each column: [dim], in double precision. */
export function columnMeans({ values, rows, dim }: HostMatrix): Float64Array {
  const means = new Float64Array(dim)
  for (let at = 0; at < values.length; ) {
    for (let column = 0; column < dim; column++) means[column]! += values[at++]!
  }
  return means.map((sum) => sum / rows)
}
