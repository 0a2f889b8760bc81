import type { HostMatrix } from '../embeddings/embedding-matrix.js'
import type { ProductFormula } from './product-formula.js'

/** Scores in float64, of the embeddings as they were given: -‖q - r‖² or q · r, of rows that are normalised if the formula says so. */
export class ExactScores {
  readonly #formula: ProductFormula
  readonly #reference: HostMatrix
  /** 1 / ‖r‖ of each reference; left out where they are not normalised. */
  readonly inverseNorms: Float64Array | undefined

  constructor(formula: ProductFormula, reference: HostMatrix) {
    const { values, rows, dim } = reference
    const { normalizeBy: p } = formula
    this.#formula = formula
    this.#reference = reference
    this.inverseNorms = p === undefined ? undefined : Float64Array.from({ length: rows }, (_, row) => inverseNorm(values.subarray(row * dim, (row + 1) * dim), p))
  }

  /** The score of a reference for a query as {@link readyRow} gives it: larger = nearer. */
  score(query: Float64Array, reference: number): number {
    const inverse = this.inverseNorms ? this.inverseNorms[reference]! : 1
    return this.#formula.kind === 'squaredEuclidean' ? -squaredDistance(query, this.#reference, reference, inverse) : dotProduct(query, this.#reference, reference, inverse)
  }
}

/** A row in float64, divided by its norm if the formula says so. */
export function readyRow({ normalizeBy: p }: ProductFormula, { values, dim }: HostMatrix, row: number): Float64Array {
  const ready = new Float64Array(dim)
  for (let i = 0, at = row * dim; i < dim; i++, at++) ready[i] = values[at]!
  if (p === undefined) return ready
  const inverse = inverseNorm(ready, p)
  return ready.map((value) => value * inverse)
}

/** Norms below this count as this, as in `normalize` of distances. */
const SMALLEST_NORM = 1e-12

function inverseNorm(row: ArrayLike<number>, p: number): number {
  let sum = 0
  for (let i = 0; i < row.length; i++) {
    const size = Math.abs(row[i]!)
    sum = p === Infinity ? Math.max(sum, size) : sum + (p === 2 ? size * size : size ** p)
  }
  const norm = p === Infinity ? sum : p === 2 ? Math.sqrt(sum) : sum ** (1 / p)
  return 1 / Math.max(norm, SMALLEST_NORM)
}

/** ‖q - r‖² in float64: four sums side by side, which takes a third of the time of one. */
function squaredDistance(query: Float64Array, { values, dim }: HostMatrix, row: number, inverse: number): number {
  let [a, b, c, d] = [0, 0, 0, 0]
  let i = 0
  let at = row * dim
  for (; i + 3 < dim; i += 4, at += 4) {
    a += (query[i]! - values[at]! * inverse) ** 2
    b += (query[i + 1]! - values[at + 1]! * inverse) ** 2
    c += (query[i + 2]! - values[at + 2]! * inverse) ** 2
    d += (query[i + 3]! - values[at + 3]! * inverse) ** 2
  }
  for (; i < dim; i++, at++) a += (query[i]! - values[at]! * inverse) ** 2
  return a + b + (c + d)
}

/** q · r in float64. */
function dotProduct(query: Float64Array, { values, dim }: HostMatrix, row: number, inverse: number): number {
  let [a, b, c, d] = [0, 0, 0, 0]
  let i = 0
  let at = row * dim
  for (; i + 3 < dim; i += 4, at += 4) {
    a += query[i]! * values[at]!
    b += query[i + 1]! * values[at + 1]!
    c += query[i + 2]! * values[at + 2]!
    d += query[i + 3]! * values[at + 3]!
  }
  for (; i < dim; i++, at++) a += query[i]! * values[at]!
  return (a + b + (c + d)) * inverse
}
