import * as tf from '@tensorflow/tfjs-core'
import type { HostMatrix } from '../../embeddings/embedding-matrix.js'
import { centreOf, scaleOf } from '../centred-scale.js'
import { ExactScores, readyRow } from '../exact-scores.js'
import { GROUP } from './leading-references.js'
import type { ProductFormula } from '../product-formula.js'
import type { TileScorer } from './tile-scorer.js'

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
  const { values, rows: size, dim } = reference
  const isSquared = formula.kind === 'squaredEuclidean'
  const width = isSquared ? dim + 1 : dim
  const exactScores = new ExactScores(formula, reference)
  const { inverseNorms } = exactScores
  const centre = centreOf(reference, inverseNorms)
  const scale = scaleOf(reference, inverseNorms, centre)
  const writeReference = (row: number, into: Float64Array) => {
    const inverse = inverseNorms ? inverseNorms[row]! : 1
    let sum = 0
    for (let i = 0, at = row * dim; i < dim; i++, at++) {
      const value = (values[at]! * inverse - centre[i]!) * scale
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

  const padded = Math.ceil(size / GROUP) * GROUP
  let references: readonly tf.Tensor2D[] = [tf.tensor2d(wholeColumns(size, width, writeReference, padded), [width, padded])]
  let isSharp = false

  return {
    isProduct: true,
    get isSharp() {
      return isSharp
    },
    sharpen() {
      if (isSharp) return
      isSharp = true
      const { main, rest } = splitColumns(size, width, writeReference, grid, padded)
      tf.dispose([...references])
      references = [tf.tensor2d(main, [width, padded]), tf.tensor2d(rest, [2 * width, padded])]
    },
    prepare(queries, { firstRow, rowCount }) {
      // As they are now: another search may sharpen while this tile is under way.
      const [sharp, held] = [isSharp, references]
      const norms = new Float64Array(rowCount)
      const scales = new Float64Array(rowCount)
      const ready = (row: number) => readyRow(formula, queries, firstRow + row)
      const writeQuery = (row: number, into: Float64Array) => {
        const query = ready(row)
        if (isSquared) for (let i = 0; i < dim; i++) query[i] = (query[i]! - centre[i]!) * scale
        let sum = 0
        for (let i = 0; i < dim; i++) sum += query[i]! * query[i]!
        const norm = Math.sqrt(sum)
        const own = norm > 1 || (!isSquared && norm > 0) ? 1 / norm : 1
        norms[row] = norm
        scales[row] = isSquared ? own / 4 : own
        const factor = isSquared ? own / 2 : own
        for (let i = 0; i < dim; i++) into[i] = factor * query[i]!
        if (isSquared) into[dim] = -own / 4
      }
      const score = sharp ? sharpProducts(splitRows(rowCount, width, writeQuery, grid), held) : products(wholeRows(rowCount, width, writeQuery), held)
      return {
        scores: () => score(rowCount),
        trust(row) {
          const [norm, own] = [norms[row]!, scales[row]!]
          let query: Float64Array | undefined
          const exact = (one: number) => {
            query ??= ready(row)
            return exactScores.score(query, one)
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
    return (rowCount) => tf.matMul(tf.tensor2d(rows, [rowCount, width]), held[0]!)
  }

  function sharpProducts({ main, rest }: Split, held: readonly tf.Tensor2D[]): (rowCount: number) => tf.Tensor2D {
    return (rowCount) =>
      tf.add(
        tf.matMul(tf.tensor2d(main, [rowCount, width]), held[0]!),
        tf.matMul(tf.tensor2d(rest, [rowCount, 2 * width]), held[1]!),
      )
  }
}

type WriteRow = (row: number, into: Float64Array) => void

/** Queries: float32 [rows, width]. */
function wholeRows(rows: number, width: number, write: WriteRow): Float32Array {
  const whole = new Float32Array(rows * width)
  const one = new Float64Array(width)
  for (let row = 0, at = 0; row < rows; row++) {
    write(row, one)
    for (let i = 0; i < width; i++) whole[at++] = one[i]!
  }
  return whole
}

/** References, transposed, as products are fastest, and zeros up to a number of them: float32 [width, padded]. */
function wholeColumns(rows: number, width: number, write: WriteRow, padded: number): Float32Array {
  const whole = new Float32Array(width * padded)
  inBlocks(rows, width, write, (block, stride, row, count) => {
    for (let i = 0; i < width; i++) {
      for (let j = 0, from = i, to = i * padded + row; j < count; j++, from += stride) whole[to++] = block[from]!
    }
  })
  return whole
}

/** So many rows are as long as a line of the cache, which is written once then and not for each. */
const BLOCK = 16

/** Rows in blocks: float64 [BLOCK, stride]. */
function inBlocks(rows: number, width: number, write: WriteRow, use: (block: Float64Array, stride: number, row: number, count: number) => void): void {
  // Odd, so that no two rows of a block keep each other out of the cache.
  const stride = width | 1
  const block = new Float64Array(BLOCK * stride)
  const parts = Array.from({ length: BLOCK }, (_, j) => block.subarray(j * stride, j * stride + width))
  for (let row = 0; row < rows; row += BLOCK) {
    const count = Math.min(BLOCK, rows - row)
    for (let j = 0; j < count; j++) write(row + j, parts[j]!)
    use(block, stride, row, count)
  }
}

interface Split {
  /** x₁, multiples of the grid. */
  readonly main: Float32Array
  /** [q₁, q₂] of a query, [r₂, r] of a reference. */
  readonly rest: Float32Array
}

/** Queries: float32 [rows, width] and [rows, 2 width]. */
function splitRows(rows: number, width: number, write: WriteRow, grid: number): Split {
  const main = new Float32Array(rows * width)
  const rest = new Float32Array(2 * rows * width)
  const one = new Float64Array(width)
  for (let row = 0; row < rows; row++) {
    write(row, one)
    for (let i = 0; i < width; i++) {
      const first = Math.round(one[i]! / grid) * grid
      main[row * width + i] = first
      rest[2 * row * width + i] = first
      rest[(2 * row + 1) * width + i] = one[i]! - first
    }
  }
  return { main, rest }
}

/** References, transposed: float32 [width, padded] and [2 width, padded]. */
function splitColumns(rows: number, width: number, write: WriteRow, grid: number, padded: number): Split {
  const main = new Float32Array(width * padded)
  const rest = new Float32Array(2 * width * padded)
  const below = width * padded
  inBlocks(rows, width, write, (block, stride, row, count) => {
    for (let i = 0; i < width; i++) {
      for (let j = 0, from = i, to = i * padded + row; j < count; j++, from += stride, to++) {
        const value = block[from]!
        const first = Math.round(value / grid) * grid
        main[to] = first
        rest[to] = value - first
        rest[below + to] = value
      }
    }
  })
  return { main, rest }
}
