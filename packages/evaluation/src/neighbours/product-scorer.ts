import * as tf from '@tensorflow/tfjs-core'
import type { HostMatrix } from '../embeddings/embedding-matrix.js'
import type { RankingDistance, TileScorer } from './tile-scorer.js'

/** A distance that is computed by products: the squared Euclidean one, or the dot product, of embeddings that may be normalised. */
export interface ProductFormula {
  readonly kind: 'squaredEuclidean' | 'dotProduct'
  /** Embeddings are divided by their norm of this p first. Left out: they are not. */
  readonly normalizeBy?: number
  /** From -‖q - r‖², or q · r, to what the distance gives. */
  readonly toDistance: (score: number) => number
}

/** The formula of a distance, if it is one of products. Default: the squared Euclidean distance of embeddings as they are. */
export function productFormula(distance?: RankingDistance): ProductFormula | undefined {
  if (distance === undefined) return { kind: 'squaredEuclidean', toDistance: (score) => 0 - score }
  const { measure, normalizeEmbeddings, p = 2, power = 1 } = distance
  const normalized = normalizeEmbeddings ? { normalizeBy: p } : {}
  if (measure === 'LpDistance' && p === 2) {
    return { kind: 'squaredEuclidean', ...normalized, toDistance: (score) => Math.sqrt(0 - score) ** power }
  }
  if ((measure === 'CosineSimilarity' || measure === 'DotProductSimilarity') && power === 1) {
    return { kind: 'dotProduct', ...normalized, toDistance: (score) => score }
  }
  return undefined
}

/** Half the distance from 1 to the next float32. */
const UNIT_ROUNDOFF = 2 ** -24
/** What sums of products that are too small for float32 may lose, for each column. */
const UNDERFLOW = 2 ** -122
const SLACK = 1.1
/** Squared distances that differ by less, relative to them, may be in either order; of products relative to ‖q‖ and the largest ‖r - c‖. */
const STATED_BOUND = 2 ** -20

/**
 * Scores by one matrix product a tile. With c the mean of the references,
 *
 *     -‖q - r‖² = 2 (q - c) · (r - c) - ‖r - c‖² - ‖q - c‖²        q · r = q · (r - c) + q · c
 *
 * of which the last part is the same for all references of a query and left out, and ‖r - c‖² rides in a column of its own. All is
 * scaled, in float64 before it is rounded, so that norms are at most 1 and no square overflows.
 *
 * Float32 sums of n products err by at most n · 2^-24 · Σ |products|, in whatever order they are added; that makes the window. What
 * lies within it is decided by {@link Trust.exact}: differences and products in float64, of the embeddings as they were given.
 *
 * Where that is much, as in large classes, products can be made sharper: a row x is split into x₁, a multiple of 2^-12, and the rest x₂, so that q · r = q₁ · r₁ + (q₁ · r₂ + q₂ · r): the first product is exact, for its partial sums are multiples
 * of 2^-24 below 1, and the error of the others is that of small numbers. It takes three times the products.
 *
 * @param roundoff what products lose of their inputs, see `productRoundoff`
 * @see Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., section 3.1.
 * @see Ozaki et al., Error-free transformations of matrix multiplication, Numerical Algorithms 59 (2012).
 */
export function productScorer(formula: ProductFormula, reference: HostMatrix, roundoff: number): TileScorer {
  const { rows: size, dim } = reference
  const isSquared = formula.kind === 'squaredEuclidean'
  const width = isSquared ? dim + 1 : dim
  const inverseNorms = formula.normalizeBy === undefined ? undefined : inverseNormsOf(reference, formula.normalizeBy)
  const centre = centreOf(reference, inverseNorms)
  const scale = scaleOf(reference, inverseNorms, centre)
  const writeReference = (row: number, into: Float64Array) => {
    const inverse = inverseNorms?.[row] ?? 1
    let sum = 0
    for (let i = 0, at = row * dim; i < dim; i++, at++) {
      const value = (reference.values[at]! * inverse - centre[i]!) * scale
      into[i] = value
      sum += value * value
    }
    if (isSquared) into[dim] = sum
  }
  // Half of what TensorFloat-32 keeps, where the device computes in it.
  const grid = roundoff > 0 ? 2 ** -10 : 2 ** -12
  const error = SLACK * ((dim + 8) * UNIT_ROUNDOFF + 2 * roundoff)
  // Rows are at most √2 and √5 / 4 long; the rest of a row is at most √width · grid / 2.
  const sharpError = SLACK * ((2 * width + 8) * UNIT_ROUNDOFF + 2 * roundoff) * Math.sqrt(width) * grid
  const floor = UNDERFLOW * (dim + 2)

  let references: readonly tf.Tensor2D[] = [tf.tensor2d(wholeRows(size, width, writeReference), [size, width])]
  let isSharp = false

  return {
    isProduct: true,
    sharpen() {
      if (isSharp) return
      isSharp = true
      const { main, rest } = splitRows(size, width, writeReference, grid, 'reference')
      tf.dispose([...references])
      references = [tf.tensor2d(main, [size, width]), tf.tensor2d(rest, [size, 2 * width])]
    },
    prepare(queries, { firstRow, rowCount }) {
      // As they are now: another search may sharpen while this tile is under way.
      const [sharp, held] = [isSharp, references]
      const norms = new Float64Array(rowCount)
      const scales = new Float64Array(rowCount)
      const ready = (row: number) => readyRow(queries, firstRow + row, formula.normalizeBy)
      const writeQuery = (row: number, into: Float64Array) => {
        const query = ready(row)
        let sum = 0
        for (let i = 0; i < dim; i++) {
          if (isSquared) query[i] = (query[i]! - centre[i]!) * scale
          sum += query[i]! * query[i]!
        }
        const norm = Math.sqrt(sum)
        const own = norm > 1 || (!isSquared && norm > 0) ? 1 / norm : 1
        norms[row] = norm
        scales[row] = isSquared ? own / 4 : own
        for (let i = 0; i < dim; i++) into[i] = (isSquared ? own / 2 : own) * query[i]!
        if (isSquared) into[dim] = -own / 4
      }
      const score = sharp ? sharpProducts(splitRows(rowCount, width, writeQuery, grid, 'query'), held) : products(wholeRows(rowCount, width, writeQuery), held)
      return {
        scores: () => score(rowCount),
        trust(row) {
          const [norm, own] = [norms[row]!, scales[row]!]
          let query: Float64Array | undefined
          const exact = (one: number) => {
            query ??= ready(row)
            return isSquared ? -squaredDistance(query, reference, one, inverseNorms) : dotProduct(query, reference, one, inverseNorms)
          }
          const length = own * norm
          const nearest = own * norm * norm
          if (sharp) {
            const [base, slope] = [2 * sharpError + floor, 2 * SLACK * UNIT_ROUNDOFF]
            // At most 1 in size, as rows are scaled.
            const doubt = (base + slope) / STATED_BOUND
            const settled = isSquared ? nearest - doubt : doubt <= length ? Infinity : -Infinity
            return { base, slope, most: Infinity, settled, exact }
          }
          if (!isSquared) return { base: 2 * error * length + floor, slope: 0, most: Infinity, settled: -Infinity, exact }
          // A reference at distance d has a norm of at most ‖q‖ + d, and of at most 1.
          return {
            base: 20 * error * nearest + floor,
            slope: 4 * error,
            most: 2 * error * (2 * length + own) + floor,
            settled: -Infinity,
            exact,
          }
        },
      }
    },
    toDistance: formula.toDistance,
    dispose: () => {
      tf.dispose([...references])
    },
  }

  function products(rows: Float32Array, held: readonly tf.Tensor2D[]): (rowCount: number) => tf.Tensor2D {
    return (rowCount) => tf.matMul(tf.tensor2d(rows, [rowCount, width]), held[0]!, false, true)
  }

  function sharpProducts({ main, rest }: SplitRows, held: readonly tf.Tensor2D[]): (rowCount: number) => tf.Tensor2D {
    return (rowCount) =>
      tf.add(
        tf.matMul(tf.tensor2d(main, [rowCount, width]), held[0]!, false, true),
        tf.matMul(tf.tensor2d(rest, [rowCount, 2 * width]), held[1]!, false, true),
      )
  }
}

type WriteRow = (row: number, into: Float64Array) => void

function wholeRows(rows: number, width: number, write: WriteRow): Float32Array {
  const whole = new Float32Array(rows * width)
  const one = new Float64Array(width)
  for (let row = 0; row < rows; row++) {
    write(row, one)
    whole.set(one, row * width)
  }
  return whole
}

interface SplitRows {
  /** x₁, multiples of the grid: [rows, width]. */
  readonly main: Float32Array
  /** [q₁, q₂] of a query, [r₂, r] of a reference: [rows, 2 width]. */
  readonly rest: Float32Array
}

function splitRows(rows: number, width: number, write: WriteRow, grid: number, side: 'query' | 'reference'): SplitRows {
  const main = new Float32Array(rows * width)
  const rest = new Float32Array(2 * rows * width)
  const one = new Float64Array(width)
  for (let row = 0; row < rows; row++) {
    write(row, one)
    for (let i = 0; i < width; i++) {
      const value = one[i]!
      const first = Math.round(value / grid) * grid
      main[row * width + i] = first
      rest[2 * row * width + i] = side === 'query' ? first : value - first
      rest[(2 * row + 1) * width + i] = side === 'query' ? value - first : value
    }
  }
  return { main, rest }
}

/** A row in float64, divided by its norm if it is to be. */
function readyRow({ values, dim }: HostMatrix, row: number, p: number | undefined): Float64Array {
  const ready = new Float64Array(values.subarray(row * dim, (row + 1) * dim))
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

const inverseNormsOf = ({ values, rows, dim }: HostMatrix, p: number): Float64Array =>
  Float64Array.from({ length: rows }, (_, row) => inverseNorm(values.subarray(row * dim, (row + 1) * dim), p))

function centreOf({ values, rows, dim }: HostMatrix, inverseNorms: Float64Array | undefined): Float64Array {
  const centre = new Float64Array(dim)
  for (let row = 0, at = 0; row < rows; row++) {
    const inverse = inverseNorms?.[row] ?? 1
    for (let i = 0; i < dim; i++) centre[i]! += values[at++]! * inverse
  }
  return centre.map((sum) => sum / rows)
}

/** What references less the centre are multiplied by, so that the largest norm is 1. */
function scaleOf({ values, rows, dim }: HostMatrix, inverseNorms: Float64Array | undefined, centre: Float64Array): number {
  let largest = 0
  for (let row = 0, at = 0; row < rows; row++) {
    const inverse = inverseNorms?.[row] ?? 1
    let sum = 0
    for (let i = 0; i < dim; i++) sum += (values[at++]! * inverse - centre[i]!) ** 2
    largest = Math.max(largest, sum)
  }
  return largest > 0 ? 1 / Math.sqrt(largest) : 1
}

/** ‖q - r‖² in float64: four sums side by side, which takes a third of the time of one. */
function squaredDistance(query: Float64Array, { values, dim }: HostMatrix, row: number, inverseNorms: Float64Array | undefined): number {
  const inverse = inverseNorms ? inverseNorms[row]! : 1
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
function dotProduct(query: Float64Array, { values, dim }: HostMatrix, row: number, inverseNorms: Float64Array | undefined): number {
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
  return (a + b + (c + d)) * (inverseNorms ? inverseNorms[row]! : 1)
}
