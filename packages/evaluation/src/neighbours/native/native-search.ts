import { availableParallelism } from 'node:os'
import type { MatchRequest, RankTile } from '@metric-learning/contracts'
import type { NativeNeighbours, NativeQueries, NativeReferences } from '@metric-learning/ops'
import type { HostMatrix } from '../../embeddings/embedding-matrix.js'
import { matrixAt } from '../../embeddings/matrix-at.js'
import type { RowTile } from '../../embeddings/row-tiles.js'
import { centreOf, scaleOf } from '../centred-scale.js'
import { ExactScores } from '../exact-scores.js'
import type { AskedQueries } from '../host-references.js'
import { classesAmong } from '../ranks/match-ranker.js'
import type { ProductFormula } from '../product-formula.js'

/** Nearest references of consecutive queries: rows int32 [rowCount, k], -1 where there are fewer, with exact scores if they were wanted. */
export interface NearestTile extends RowTile {
  readonly rows: Int32Array
  readonly scores: Float64Array | undefined
}

/** How far a search goes. */
export interface NearestDepth {
  readonly k: number
  /** Whether exact scores are wanted; without them only the order is decided. */
  readonly scores: boolean
}

/** Queries of which memory is taken at once, at most. */
const MOST_ROWS = 3072
/** Of fewer queries, references take longer to be made ready than to be compared. */
const FEW_ROWS = 16
/** Of so many neighbours, or of so large a share of the references, all scores are sorted. */
const [FEW_NEIGHBOURS, FEW_OF] = [64, 32]
/** Candidates of a query in bytes, a neighbour: two of 16 bytes at most, of few neighbours 48 more than these; and half as much for what the system rounds up to. */
const CANDIDATE_BYTES = 48
/** Rows of a block, of which pairs are compared in a step; and how many products a call may take, so that progress is told now and then. */
const [BLOCK_ROWS, STEP_PRODUCTS] = [768, 15e9]
/** Queries that a thread scores at once where all scores are needed, at most; and the strips of them that it has memory for. */
const [MOST_SCORED, STRIP_ROWS] = [96, 12]
/** What a thread picks and sorts of the references of one query, in bytes a reference: keys with rows, twice; rows; buckets. */
const SORTED_BYTES = 24
/** Rows of which the centre and the scale of all are taken. */
const SAMPLED_ROWS = 1024

/** Whether native code looks for so many neighbours of so many queries. */
export const isNativeDepth = (k: number, references: number, queries: number): boolean => k > 0 && k <= Math.max(FEW_NEIGHBOURS, references / FEW_OF) && queries >= FEW_ROWS

/** Bytes of a query whose k nearest references are sought: candidates, and what is found. */
export const nativeQueryBytes = (k: number): number => (CANDIDATE_BYTES + 12) * (k + FEW_NEIGHBOURS)

/** Queries of a tile of native code. */
export const nativeTileRows = (k: number, queries: number, tileBytes: number): number => Math.max(1, Math.min(MOST_ROWS, queries, Math.floor(tileBytes / nativeQueryBytes(k))))

/** How native code takes queries whose scores it needs all: so many at once in each of so many threads, and the bytes of all that. */
export function nativeRankBlocks(size: number, tileBytes: number): { readonly threads: number; readonly blockRows: number; readonly bytes: number } {
  const threads = Math.max(1, Math.min(availableParallelism(), Math.floor(tileBytes / (size * (4 * STRIP_ROWS + SORTED_BYTES)))))
  const strips = Math.floor((tileBytes / threads - SORTED_BYTES * size) / (4 * size * STRIP_ROWS))
  // Where a strip is beyond the budget, it has the memory of a whole one all the same.
  const scored = strips > 0 ? STRIP_ROWS * strips : Math.max(1, Math.min(STRIP_ROWS, Math.floor(tileBytes / (4 * size))))
  const blockRows = Math.min(MOST_SCORED, scored)
  return { threads, blockRows, bytes: threads * size * (4 * STRIP_ROWS * Math.ceil(blockRows / STRIP_ROWS) + SORTED_BYTES) }
}

/** Searches by native code: products, what is made of them, and decisions in float64, all at once on all cores. The event loop goes on meanwhile. */
export class NativeSearch {
  readonly #native: NativeNeighbours
  readonly #formula: ProductFormula
  readonly #matrix: HostMatrix
  readonly #references: NativeReferences
  readonly #threads = availableParallelism()

  /** @param matrix of references, which is not to be written to */
  constructor(native: NativeNeighbours, formula: ProductFormula, matrix: HostMatrix) {
    this.#native = native
    this.#formula = formula
    this.#matrix = matrix
    const { inverseNorms } = new ExactScores(formula, matrix)
    // Of some rows: any centre and scale near those of all will do.
    const some = someRows(matrix, inverseNorms)
    const centre = centreOf(some.matrix, some.inverseNorms)
    const scale = scaleOf(some.matrix, some.inverseNorms, centre)
    const isSquared = formula.kind === 'squaredEuclidean'
    this.#references = native.references({ values: matrix.values, ...(inverseNorms && { inverseNorms }), centre, scale, isSquared, threads: this.#threads })
  }

  /**
   * The k nearest references of each query. Where all references are the queries, and what is found of all of them fits into the budget, each
   * pair is compared once; else tile by tile.
   *
   * @returns nothing where queries are so far off that float32 cannot hold their products
   */
  nearest(asked: AskedQueries, { k, scores }: NearestDepth, tileBytes: number, onProgress: (done: number) => void): AsyncGenerator<NearestTile> | undefined {
    const { rows } = asked.queries
    const isMutual = this.#areReferences(asked.queries) && rows * nativeQueryBytes(k) <= tileBytes
    const queries = this.#queries(asked.queries)
    const begin = (tile: RowTile) => {
      const search = this.#native.nearest({ ...this.#asked(queries, asked), first: tile.firstRow, count: tile.rowCount, k })
      return search.isInRange ? search : undefined
    }
    const tileRows = isMutual ? rows : nativeTileRows(k, rows, tileBytes)
    const first = begin({ firstRow: 0, rowCount: tileRows })
    return first && this.#nearestTiles(first, begin, { rows, tileRows, k, scores, yieldedRows: nativeTileRows(k, rows, tileBytes) }, onProgress)
  }

  async *#nearestTiles(
    first: ReturnType<NativeNeighbours['nearest']>,
    begin: (tile: RowTile) => ReturnType<NativeNeighbours['nearest']> | undefined,
    { rows, tileRows, k, scores, yieldedRows }: NearestDepth & { readonly rows: number; readonly tileRows: number; readonly yieldedRows: number },
    onProgress: (done: number) => void,
  ): AsyncGenerator<NearestTile> {
    const threads = this.#threads
    const stepsAtOnce = Math.max(threads, Math.ceil((threads * STEP_PRODUCTS) / (BLOCK_ROWS * BLOCK_ROWS * this.#matrix.dim)))
    for (let firstRow = 0; firstRow < rows; firstRow += tileRows) {
      const rowCount = Math.min(tileRows, rows - firstRow)
      const { search, steps } = firstRow === 0 ? first : begin({ firstRow, rowCount })!
      for (let from = 0; from < steps; from += stepsAtOnce) {
        const to = Math.min(steps, from + stepsAtOnce)
        await this.#native.runNearest({ search, from, to, threads })
        const done = firstRow + Math.floor((rowCount * to) / steps)
        if (to < steps && done > firstRow) onProgress(done)
      }
      const found = await this.#native.finishNearest({ search, scores, threads })
      onProgress(firstRow + rowCount)
      for (let at = 0; at < rowCount; at += yieldedRows) {
        const [from, to] = [at * k, Math.min(at + yieldedRows, rowCount) * k]
        yield { firstRow: firstRow + at, rowCount: (to - from) / k, rows: found.rows.subarray(from, to), scores: found.scores?.subarray(from, to) }
      }
    }
  }

  /** Ranks of the matches among the k nearest references, of which most are looked at. The next tile is under way while one is used. */
  async *ranks(
    asked: AskedQueries,
    { referenceClasses, matchingClasses }: Pick<MatchRequest, 'referenceClasses' | 'matchingClasses'>,
    k: number,
    tileBytes: number,
    onProgress: (done: number) => void,
  ): AsyncGenerator<RankTile> {
    const { rows } = asked.queries
    const { threads, blockRows } = nativeRankBlocks(this.#matrix.rows, tileBytes)
    const classes = classesAmong(referenceClasses)
    const search = this.#native.ranks({ references: this.#references, classOf: referenceClasses, classes, k, blockRows })
    const common = { ...this.#asked(this.#queries(asked.queries), asked), search, threads }
    const begin = (firstRow: number) => {
      const rowCount = Math.min(threads * blockRows, rows - firstRow)
      const matching = Array.from({ length: rowCount }, (_, row) => Array.from(matchingClasses(firstRow + row)))
      const offsets = new Int32Array(rowCount + 1)
      matching.forEach((some, row) => (offsets[row + 1] = offsets[row]! + some.length))
      const found = this.#native.runRanks({ ...common, first: firstRow, count: rowCount, offsets, matching: Int32Array.from(matching.flat()) })
      // Whoever leaves early does not wait for it.
      found.catch(() => undefined)
      return { firstRow, rowCount, found }
    }
    let next: ReturnType<typeof begin> | undefined = begin(0)
    while (next) {
      const { firstRow, rowCount, found }: ReturnType<typeof begin> = next
      const { offsets, ranks } = await found
      next = firstRow + rowCount < rows ? begin(firstRow + rowCount) : undefined
      onProgress(firstRow + rowCount)
      yield { firstRow, rowCount, k, offsets, ranks }
    }
  }

  #areReferences({ values }: HostMatrix): boolean {
    return values === this.#matrix.values
  }

  #queries(queries: HostMatrix): NativeQueries | undefined {
    if (this.#areReferences(queries)) return undefined
    const { inverseNorms } = new ExactScores(this.#formula, queries)
    return this.#native.queries({ references: this.#references, values: queries.values, ...(inverseNorms && { inverseNorms }), threads: this.#threads })
  }

  #asked(queries: NativeQueries | undefined, { itself }: AskedQueries) {
    return { references: this.#references, ...(queries && { queries }), ...(itself && { itself }) }
  }
}

/** Rows from all over a matrix, with their inverse norms. */
function someRows(matrix: HostMatrix, inverseNorms: Float64Array | undefined): { readonly matrix: HostMatrix; readonly inverseNorms: Float64Array | undefined } {
  if (matrix.rows <= SAMPLED_ROWS) return { matrix, inverseNorms }
  const rows = Int32Array.from({ length: SAMPLED_ROWS }, (_, i) => Math.floor((i * matrix.rows) / SAMPLED_ROWS))
  return { matrix: matrixAt(matrix, rows), inverseNorms: inverseNorms && Float64Array.from(rows, (row) => inverseNorms[row]!) }
}
