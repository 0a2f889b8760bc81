import * as tf from '@tensorflow/tfjs-core'
import {
  DataError,
  expectBoolean,
  expectFixedNumber,
  expectKnownOptions,
  expectMethods,
  OptionError,
  ShapeError,
  type Distance,
  type EmbeddingMatrix,
} from '@metric-learning/contracts'
import { toHostMatrix, type HostMatrix } from '@metric-learning/evaluation'
import { expectBackend, rowsOfBlock, turnOfEventLoop } from '@metric-learning/ops'

export interface MatchFinderOptions {
  /** How embeddings are compared. */
  readonly distance: Distance
  /** How near two have to be to match: at most this distance, at least this similarity. Default: each call says. */
  readonly threshold?: number
}

/** What a call may say. */
export interface MatchOptions {
  /** In place of that of the finder. */
  readonly threshold?: number
}

export interface MatchingPairsOptions extends MatchOptions {
  /** Pairs in place of a matrix: [row of the query, row of the reference], by rows. Default false. */
  readonly returnTuples?: boolean
  /** Whether a row matches itself, where references are left out: the diagonal. Default true. */
  readonly includeSelf?: boolean
}

const WHO = 'MatchFinder'

/**
 * Says which embeddings match: those at most `threshold` apart, or at least so similar, whichever way the distance runs
 * (`isInverted`). Embeddings are normalised and distances raised as the distance says.
 *
 * {@link getMatchingPairs} and {@link isMatch} agree about every pair: a matrix is computed by products, and what is so near the threshold that
 * rounding could decide is decided by `distance.betweenRows`, which {@link isMatch} goes by. Distances are float32, and so is the threshold
 * when they are compared.
 *
 * @throws {OptionError} when an option is unknown, `distance` is none, or `threshold` no finite number, or none that the distance can have.
 * @example
 * const finder = new MatchFinder({ distance: new CosineSimilarity(), threshold: 0.9 })
 * const [isSame] = await finder.isMatch(one, other)
 */
export class MatchFinder {
  readonly distance: Distance
  readonly threshold: number | undefined

  constructor(options: MatchFinderOptions) {
    expectKnownOptions(WHO, options, ['distance', 'threshold'])
    const { distance, threshold } = options
    expectMethods(WHO, 'distance', distance, ['matrix', 'betweenRows'], 'new CosineSimilarity()')
    if (threshold !== undefined) expectThreshold(threshold, distance)
    this.distance = distance
    this.threshold = threshold
  }

  /**
   * Which queries match which references: one row a query, one column a reference; or the pairs that match.
   *
   * @param query float32 [n, dim]
   * @param references float32 [m, dim]. Left out: the queries themselves. Then (i, i) is a row with itself, at distance 0, which
   * matches as a rule and is left out with `includeSelf: false`. Equal rows of two sets are no such pairs.
   * @throws {OptionError} when an option is unknown, there is no threshold, or `includeSelf` is given with references.
   * @throws {ShapeError} when these are no matrices of one width.
   * @throws {DataError} when a number is not finite, or the distance of two is none.
   */
  getMatchingPairs(query: EmbeddingMatrix, references?: EmbeddingMatrix, options?: MatchingPairsOptions & { readonly returnTuples?: false }): Promise<boolean[][]>
  getMatchingPairs(query: EmbeddingMatrix, references: EmbeddingMatrix | undefined, options: MatchingPairsOptions & { readonly returnTuples: true }): Promise<[number, number][]>
  getMatchingPairs(query: EmbeddingMatrix, references?: EmbeddingMatrix, options?: MatchingPairsOptions): Promise<boolean[][] | [number, number][]>
  async getMatchingPairs(query: EmbeddingMatrix, references?: EmbeddingMatrix, options: MatchingPairsOptions = {}): Promise<boolean[][] | [number, number][]> {
    expectKnownOptions(`${WHO}.getMatchingPairs`, options, ['threshold', 'returnTuples', 'includeSelf'])
    const { returnTuples = false, includeSelf = true } = options
    expectBoolean(WHO, 'returnTuples', returnTuples)
    expectBoolean(WHO, 'includeSelf', includeSelf)
    const threshold = this.#thresholdOf(options)
    if (references !== undefined && options.includeSelf !== undefined) {
      throw new OptionError({ who: WHO, wanted: '`includeSelf` where references are left out', got: 'it with references', fix: 'Leave it out: no query is a reference.' })
    }
    expectBackend(WHO)
    const from = await toHostMatrix(WHO, 'query', query)
    const to = references === undefined ? from : await toHostMatrix(WHO, 'references', references)
    expectWidth('references', to, from)
    const rows: boolean[][] = []
    const pairs: [number, number][] = []
    await this.#forEachRow(from, to, threshold, (row, matches) => {
      if (!includeSelf) matches[row] = 0
      if (returnTuples) matches.forEach((isMatch, column) => isMatch && pairs.push([row, column]))
      else rows.push(Array.from(matches, Boolean))
    })
    return returnTuples ? pairs : rows
  }

  /**
   * Whether row i of one matches row i of the other.
   *
   * @param x float32 [n, dim]
   * @param y float32 [n, dim]
   * @throws {OptionError} when an option is unknown, or there is no threshold.
   * @throws {ShapeError} when these are no matrices of one shape.
   * @throws {DataError} when a number is not finite, or the distance of two is none.
   */
  async isMatch(x: EmbeddingMatrix, y: EmbeddingMatrix, options: MatchOptions = {}): Promise<boolean[]> {
    expectKnownOptions(`${WHO}.isMatch`, options, ['threshold'])
    const threshold = this.#thresholdOf(options)
    expectBackend(WHO)
    const [one, other] = [await toHostMatrix(WHO, 'x', x), await toHostMatrix(WHO, 'y', y)]
    expectWidth('y', other, one)
    if (one.rows !== other.rows) {
      throw new ShapeError({ who: WHO, wanted: `as many rows in \`y\` as in \`x\`, ${one.rows}`, got: String(other.rows), fix: 'Rows are compared one with one; `getMatchingPairs` compares each with all.' })
    }
    const rows = Int32Array.from({ length: one.rows }, (_, row) => row)
    return Array.from(await this.#ofPairs(one, rows, other, rows, threshold), Boolean)
  }

  /** Which references match, query by query: 1 for each that does. */
  async #forEachRow(from: HostMatrix, to: HostMatrix, threshold: number, take: (row: number, matches: Uint8Array) => void): Promise<void> {
    const { distance } = this
    const doubt = doubtOf(distance, threshold)
    const blockRows = rowsOfBlock(doubt ? to.rows : to.rows * to.dim)
    const references = tf.tensor2d(to.values, [to.rows, to.dim])
    try {
      const scales = doubt && (await onHost(() => scalesOf(distance, references)))
      for (let start = 0; start < from.rows; start += blockRows) {
        const count = Math.min(blockRows, from.rows - start)
        const matches = new Uint8Array(count * to.rows)
        const doubtful = doubt ? [] : Array.from(matches.keys())
        if (doubt) {
          const block = tf.tensor2d(from.values.subarray(start * from.dim, (start + count) * from.dim), [count, from.dim])
          let own: Float32Array
          let distances: Float32Array
          try {
            own = await onHost(() => scalesOf(distance, block))
            distances = await onHost(() => distance.matrix(block, references, from === to ? start : undefined))
          } finally {
            block.dispose()
          }
          for (let i = 0, at = 0; i < count; i++) {
            const slope = doubt.slope * own[i]!
            for (let j = 0; j < to.rows; j++, at++) {
              const value = distances[at]!
              // Very near rows may be at 0 in a matrix alone; NaN is in doubt, too.
              if (value !== 0 && Math.abs(value - threshold) > doubt.base + slope * scales![j]!) matches[at] = Number(this.#isNear(value, threshold))
              else doubtful.push(at)
            }
          }
        }
        const rows = Int32Array.from(doubtful, (at) => start + Math.floor(at / to.rows))
        const decided = await this.#ofPairs(from, rows, to, Int32Array.from(doubtful, (at) => at % to.rows), threshold)
        doubtful.forEach((at, i) => (matches[at] = decided[i]!))
        for (let i = 0; i < count; i++) take(start + i, matches.subarray(i * to.rows, (i + 1) * to.rows))
        await turnOfEventLoop()
      }
    } finally {
      references.dispose()
    }
  }

  /** Whether rows of one match rows of another, pair by pair. */
  async #ofPairs(from: HostMatrix, rows: Int32Array, to: HostMatrix, columns: Int32Array, threshold: number): Promise<Uint8Array> {
    const matches = new Uint8Array(rows.length)
    const blockRows = rowsOfBlock(from.dim)
    for (let start = 0; start < rows.length; start += blockRows) {
      const end = Math.min(start + blockRows, rows.length)
      const values = await onHost(() => this.distance.betweenRows(picked(from, rows.subarray(start, end)), picked(to, columns.subarray(start, end))))
      values.forEach((value, i) => {
        expectNumber(this.distance, value, rows[start + i]!, columns[start + i]!)
        matches[start + i] = Number(this.#isNear(value, threshold))
      })
    }
    return matches
  }

  #isNear(distance: number, threshold: number): boolean {
    return this.distance.isInverted ? distance >= threshold : distance <= threshold
  }

  #thresholdOf({ threshold = this.threshold }: MatchOptions): number {
    if (threshold === undefined) {
      throw new OptionError({ who: WHO, wanted: 'a `threshold`', got: 'none', fix: 'Give it to the finder, or to this call.' })
    }
    expectThreshold(threshold, this.distance)
    return Math.fround(threshold)
  }
}

/** Of a product of unit vectors: GPUs multiply float32 with ten bits. Distances are right to 1e-4 of them. */
const ROUNDING = 2 ** -9

/**
 * How near the threshold a distance of a matrix has to be for rounding to decide: base + slope · scale(x) · scale(y). `undefined` for a
 * distance of one's own, of which nothing is known: each pair is decided by itself.
 */
function doubtOf({ measure, power }: Distance, threshold: number): { readonly base: number; readonly slope: number } | undefined {
  switch (measure) {
    case 'LpDistance':
    case 'SNRDistance':
      return { base: 2 * ROUNDING * power * Math.abs(threshold), slope: 0 }
    case 'CosineSimilarity':
    case 'DotProductSimilarity':
      return { base: 0, slope: power < 1 ? ROUNDING ** power : ROUNDING * power }
    default:
      return undefined
  }
}

/** ‖x‖₂ ^ power of embeddings as they are compared: float32 [n]. */
const scalesOf = (distance: Distance, embeddings: tf.Tensor2D): tf.Tensor =>
  tf.pow(tf.norm(distance.maybeNormalize(embeddings), 'euclidean', 1), distance.power)

/** The values of a tensor, which is freed. */
async function onHost(compute: () => tf.Tensor): Promise<Float32Array> {
  const tensor = tf.tidy(compute)
  const values = await tensor.data<'float32'>()
  tensor.dispose()
  return values
}

function picked({ values, dim }: HostMatrix, rows: Int32Array): tf.Tensor2D {
  const some = new Float32Array(rows.length * dim)
  rows.forEach((row, i) => {
    some.set(values.subarray(row * dim, (row + 1) * dim), i * dim)
  })
  return tf.tensor2d(some, [rows.length, dim])
}

/** What float32 may make of a cosine of 1. */
const BEYOND_ONE = 1 + 1e-5

/** Beyond the values that a distance can have, nothing would match, or everything. */
function expectThreshold(threshold: number, { measure, p }: Distance): void {
  const isDistance = measure === 'LpDistance' || measure === 'SNRDistance'
  expectFixedNumber(WHO, 'threshold', threshold, { ...(isDistance && { min: 0 }), hint: 'It is a distance, or a similarity.' })
  if (measure !== 'CosineSimilarity' || p > 2 || Math.abs(threshold) <= BEYOND_ONE) return
  throw new OptionError({ who: WHO, wanted: '`threshold` to be a cosine, from -1 to 1', got: String(threshold), fix: 'Pass one, such as 0.9.' })
}

function expectWidth(what: string, matrix: HostMatrix, { dim }: HostMatrix): void {
  if (matrix.dim === dim) return
  throw new ShapeError({ who: WHO, wanted: `\`${what}\` of shape [rows, ${dim}], as wide as the others`, got: `[${matrix.rows}, ${matrix.dim}]`, fix: 'Embed both with the same model.' })
}

function expectNumber({ name }: Distance, value: number, row: number, column: number): void {
  if (!Number.isNaN(value)) return
  throw new DataError({ who: WHO, wanted: `a number from ${name} between any two embeddings`, got: `NaN between row ${row} and row ${column}`, fix: 'NaN matches nothing; take another distance, or mend it.' })
}
