import {
  describeValue,
  expectFixedNumber,
  expectKnownOptions,
  expectMethods,
  OptionError,
  ShapeError,
  type EmbeddingMatrix,
  type MatchRequest,
  type MemoryPlan,
  type NeighbourIndex,
  type NeighbourRequest,
  type NeighbourTile,
  type PlanRequest,
  type QueryRequest,
  type RankTile,
} from '@metric-learning/contracts'
import { expectBackend, nativeNeighbours, turnOfEventLoop } from '@metric-learning/ops'
import { toHostMatrix } from '../embeddings/embedding-matrix.js'
import type { RowTile } from '../embeddings/row-tiles.js'
import { distanceScorer } from './scored/distance-scorer.js'
import { HostReferences, joined, type AskedQueries } from './host-references.js'
import { readIndexFile, writeIndexFile } from './index-file.js'
import { MatchRanker } from './ranks/match-ranker.js'
import { planMemory, planNativeMemory, planNativeRanks } from './memory-plan.js'
import { isNativeDepth, NativeSearch, type NearestDepth, type NearestTile } from './native/native-search.js'
import { neighboursOf, ranksOfNearest } from './native/native-tiles.js'
import { NearestReferencesFinder } from './ranks/nearest-references.js'
import { distanceInWords, productFormula, type ProductFormula } from './product-formula.js'
import { productRoundoff } from './scored/product-roundoff.js'
import { productScorer } from './scored/product-scorer.js'
import { isPicked, scored, SharedScorer } from './scored/scored-tiles.js'
import type { AllReferences, LeadingReferences, RankingDistance } from './scored/tile-scorer.js'

export interface ExactNeighbourIndexOptions {
  /**
   * What neighbours are ranked by. Default: the squared Euclidean distance of the embeddings as they are, as in PyTorch Metric
   * Learning's `FaissKNN`; with a distance it is its `CustomKNN`.
   */
  readonly distance?: RankingDistance
  /** Bytes that the working memory of a tile may take; a tile has one query at least, and is smaller where that is as fast. Default 256 MiB. */
  readonly tileBytes?: number
}

const WHO = 'ExactNeighbourIndex'
/** Queries of the first tile where ranks are asked for. */
const FIRST_ROWS = 8
/** Of the references, as many may be decided exactly for a query before sharper scores are cheaper. */
const SHARPEN_ABOVE = 1 / 16

/**
 * Exact nearest neighbours: a tile of queries at a time is compared with all references on the device, and what float32 can't tell
 * apart is decided again on the host.
 *
 * **Exact**: the neighbours are those that float64 finds, of the embeddings as they were given, whatever their offset and scale, but
 * for references whose squared distances differ by less than 2^-20 of them (1e-6), or whose products by less than 2^-20 ‖q‖ times the
 * largest distance of a reference from their mean. As a rule those are in float64's order, too. It holds for the squared Euclidean distance (the default),
 * `LpDistance` with p = 2, `CosineSimilarity` and `DotProductSimilarity` of power 1. Any other distance is ranked by the float32 numbers that
 * its matrix gives.
 *
 * Of equals the reference that was added first comes first. References are brought to the device once. Memory is
 * O(tile · references) besides the embeddings: {@link plan}. The event loop has a turn after each tile.
 *
 * @throws {OptionError} when an option is unknown, `tileBytes` is not positive, or `distance` has no matrix.
 * @example
 * const index = new ExactNeighbourIndex()
 * await index.add(reference)
 * for await (const { firstRow, k, ids } of index.search({ query, k: 10 })) console.log(firstRow, ids.subarray(0, k))
 */
export class ExactNeighbourIndex implements NeighbourIndex {
  readonly #distance: RankingDistance | undefined
  readonly #formula: ProductFormula | undefined
  readonly #tileBytes: number
  #references = HostReferences.none(WHO)
  #nextId = 0
  #shared: SharedScorer | undefined
  #native: NativeSearch | undefined
  #roundoff: number | undefined

  constructor(options: ExactNeighbourIndexOptions = {}) {
    expectKnownOptions(WHO, options, ['distance', 'tileBytes'])
    const { distance, tileBytes = 256 * 2 ** 20 } = options
    if (distance !== undefined) expectMethods(WHO, 'distance', distance, ['matrix'], 'new CosineSimilarity()')
    expectFixedNumber(WHO, 'tileBytes', tileBytes, { min: 1, hint: 'It is a number of bytes.' })
    this.#distance = distance
    this.#formula = productFormula(distance)
    this.#tileBytes = tileBytes
  }

  get dim(): number | undefined {
    return this.#references.dim
  }

  get size(): number {
    return this.#references.size
  }

  get ids(): Int32Array {
    return this.#references.ids.slice()
  }

  async add(embeddings: EmbeddingMatrix, ...more: readonly never[]): Promise<Int32Array> {
    this.#references.expectEmbeddingsAlone(more)
    const given = await toHostMatrix(WHO, 'embeddings', embeddings, true)
    const added = Int32Array.from({ length: given.rows }, (_, row) => this.#nextId + row)
    this.#replace(this.#references.with(added, given), this.#nextId + given.rows)
    return added
  }

  async remove(ids: ArrayLike<number>): Promise<void> {
    await Promise.resolve(this.#replace(this.#references.without(ids), this.#nextId))
  }

  async *search(request: NeighbourRequest): AsyncGenerator<NeighbourTile> {
    this.#references.expectRequest('search', request, ['query', 'ids', 'exclude', 'onProgress', 'k'])
    expectDepth(request.k, ['all'])
    const open = await this.#open(request)
    const { queries, available } = open
    const k = request.k === 'all' ? available : Math.min(request.k, available)
    const found = this.#nativeNearest(open, request, { k, scores: true })
    if (found) {
      for await (const tile of found) {
        yield neighboursOf(tile, { ...open, formula: this.#formula! })
        await turnOfEventLoop()
      }
      return
    }
    const shared = await this.#scorer(open.references)
    yield* scored(open, shared, request, k, this.#plan(queries.rows, k, request.exclude ? this.size : k), (tile, references) => {
      const nearest = new TileNeighbours(open, shared, tile, k)
      for (let row = 0; k > 0 && row < tile.rowCount; row++) nearest.find(row, references(row))
      return nearest.tile
    })
  }

  async *rank(request: MatchRequest): AsyncGenerator<RankTile> {
    this.#references.expectRequest('rank', request, ['query', 'ids', 'exclude', 'onProgress', 'k', 'referenceClasses', 'matchingClasses', 'neighbours'])
    const { k: wanted = 'all', referenceClasses, matchingClasses, exclude, neighbours } = request
    expectDepth(wanted, ['all', 'max_bin_count'])
    if (neighbours !== undefined) expectDepth(neighbours, ['all'], 'neighbours')
    const open = await this.#open(request, referenceClasses)
    const { queries, available, itself } = open
    const ranker = new MatchRanker(referenceClasses)
    const matches = (query: number) => ranker.countMatches(matchingClasses(query), itself?.[query] ?? -1, open.references.excluded(exclude, query))
    const mostMatches = () => Array.from({ length: queries.rows }, (_, query) => matches(query)).reduce((most, count) => Math.max(most, count), 0)
    const k = wanted === 'all' ? available : wanted === 'max_bin_count' ? mostMatches() : Math.min(wanted, available)
    const kept = neighbours === 'all' ? available : Math.min(neighbours ?? 0, available)
    const native = this.#nativeRanks(open, request, k, kept)
    if (native) {
      for await (const tile of native) {
        yield tile
        await turnOfEventLoop()
      }
      return
    }
    const shared = await this.#scorer(open.references)
    // The first tile is small, for it may show that scores have to be sharper.
    const { tileRows } = this.#plan(queries.rows, kept, exclude ? this.size : Math.max(k, kept))
    yield* scored(open, shared, request, Math.max(k, kept), { tileRows, firstRows: Math.min(FIRST_ROWS, tileRows) }, (tile, references) => {
      const nearest = neighbours === undefined ? undefined : new TileNeighbours(open, shared, tile, kept)
      const found = Array.from({ length: tile.rowCount }, (_, row) => {
        const scores = references(row)
        if (kept > 0) nearest?.find(row, scores)
        return ranker.ranks(scores, matchingClasses(tile.firstRow + row), k).slice()
      })
      const offsets = new Int32Array(tile.rowCount + 1)
      found.forEach((ranks, row) => (offsets[row + 1] = offsets[row]! + ranks.length))
      if (ranker.decided > SHARPEN_ABOVE * open.references.size * (tile.firstRow + tile.rowCount)) shared.scorer.sharpen?.()
      return { ...tile, k, offsets, ranks: joined(Int32Array, found), ...(nearest && { nearest: nearest.tile }) }
    })
  }

  /** @throws {StateError} when there are no references. */
  plan({ queries, k = 0, ranks = false }: PlanRequest): MemoryPlan {
    this.#references.expectSome()
    const depth = k === 'all' ? this.size : Math.min(k, this.size)
    const needs = { size: this.size, dim: this.dim!, queries, k: depth, tileBytes: this.#tileBytes }
    if (this.#isNative(depth, queries)) return planNativeMemory(needs)
    if (ranks && depth > 0 && this.#formula && nativeNeighbours()) return planNativeRanks(needs)
    return this.#plan(queries, ranks ? 0 : depth, depth)
  }

  async save(path: string): Promise<void> {
    this.#references.expectSome()
    const { values, dim } = this.#references.matrix
    const stored = { ids: this.ids, values, dim, nextId: this.#nextId, distance: distanceInWords(this.#distance) }
    await writeIndexFile(`${WHO}.save`, path, stored)
  }

  async load(path: string): Promise<void> {
    const { ids, values, dim, nextId } = await readIndexFile(`${WHO}.load`, path, distanceInWords(this.#distance))
    this.#replace(HostReferences.none(WHO).with(ids, { values, rows: ids.length, dim }), nextId)
  }

  dispose(): void {
    this.#shared?.letGo()
    this.#shared = undefined
    this.#native = undefined
  }

  #replace(references: HostReferences, nextId: number): void {
    this.dispose()
    this.#references = references
    this.#nextId = nextId
  }

  /**
   * @param kept neighbours that are kept of each query
   * @param depth how deep is looked
   */
  #plan(queries: number, kept: number, depth: number): MemoryPlan {
    const { size, dim = 0 } = this.#references
    const isProduct = this.#formula !== undefined
    const needs = { size, dim, queries, k: kept, isProduct, isPicked: isProduct && isPicked(depth, size), isSharp: this.#shared?.scorer.isSharp ?? false }
    return planMemory({ ...needs, tileBytes: this.#tileBytes })
  }

  /** What a search looks at: from here on, what is added or removed does not count. */
  async #open({ query, ids: named, ...calls }: QueryRequest, classes?: Int32Array): Promise<OpenSearch> {
    expectBackend(WHO)
    this.#references.expectCallable(calls)
    const given = query === undefined ? undefined : await toHostMatrix(WHO, 'query', query, true)
    const references = this.#references
    const asked = references.asked(given, named)
    if (classes) expectClasses(classes, references.size)
    return { ...asked, references, finder: new NearestReferencesFinder() }
  }

  /** References of a search on the device; those of the index are kept there. */
  async #scorer(references: HostReferences): Promise<SharedScorer> {
    const roundoff = (this.#roundoff ??= this.#formula ? await productRoundoff() : 0)
    const scorer = (users: number) =>
      new SharedScorer(this.#formula ? productScorer(this.#formula, references.matrix, roundoff) : distanceScorer(this.#distance!, references.matrix), users)
    return references === this.#references ? (this.#shared ??= scorer(1)) : scorer(0)
  }

  /** Whether native code finds nearest neighbours: the backend has some, works on the same cores, and they are few. */
  #isNative(k: number, queries: number): boolean {
    return this.#formula !== undefined && nativeNeighbours()?.onSameCores === true && isNativeDepth(k, this.size, queries)
  }

  #nativeSearch({ references }: OpenSearch): NativeSearch {
    const search = () => new NativeSearch(nativeNeighbours()!.neighbours, this.#formula!, references.matrix)
    return references === this.#references ? (this.#native ??= search()) : search()
  }

  #nativeNearest(open: OpenSearch, { exclude, onProgress }: QueryRequest, depth: NearestDepth): AsyncGenerator<NearestTile> | undefined {
    const { rows } = open.queries
    if (exclude || !this.#isNative(depth.k, rows)) return undefined
    return this.#nativeSearch(open).nearest(open, depth, this.#tileBytes, (done) => onProgress?.(done, rows))
  }

  /** Ranks by native code: among the nearest where these are few, else among all. */
  #nativeRanks(open: OpenSearch, request: MatchRequest, k: number, kept: number): AsyncGenerator<RankTile> | undefined {
    const { exclude, onProgress, neighbours } = request
    const { rows } = open.queries
    const found = this.#nativeNearest(open, request, { k: Math.max(k, kept), scores: neighbours !== undefined })
    if (found) return ranksOfNearest(found, { ...open, formula: this.#formula! }, request, k, kept)
    if (!nativeNeighbours() || !this.#formula || exclude || neighbours !== undefined || k === 0) return undefined
    return this.#nativeSearch(open).ranks(open, request, k, this.#tileBytes, (done) => onProgress?.(done, rows))
  }
}

interface OpenSearch extends AskedQueries {
  readonly references: HostReferences
  readonly finder: NearestReferencesFinder
}

/** The k nearest references of each query of a tile. */
class TileNeighbours {
  readonly tile: NeighbourTile

  constructor(
    private readonly search: OpenSearch,
    private readonly shared: SharedScorer,
    tile: RowTile,
    k: number,
  ) {
    const size = tile.rowCount * k
    this.tile = { ...tile, k, ids: new Int32Array(size).fill(-1), distances: new Float64Array(size).fill(NaN) }
  }

  /** @param row of the tile */
  find(row: number, references: AllReferences | LeadingReferences): void {
    const { k, ids, distances } = this.tile
    const { rows, scores } = this.search.finder.find(references, k)
    const { references: all } = this.search
    for (let i = 0, at = row * k; i < rows.length; i++, at++) {
      ids[at] = all.ids[rows[i]!]!
      distances[at] = this.shared.scorer.toDistance(scores[i]!)
    }
  }
}

function expectDepth(k: unknown, words: readonly string[], option = 'k'): void {
  if (words.includes(k as string) || (Number.isInteger(k) && (k as number) > 0)) return
  const names = words.map((word) => `'${word}'`).join(' or ')
  throw new OptionError({ who: WHO, wanted: `\`${option}\` to be a positive integer or ${names}`, got: describeValue(k), fix: 'Pass the number of neighbours.' })
}

function expectClasses(classes: Int32Array, size: number): void {
  const isList = classes instanceof Int32Array && classes.length === size && classes.every((one) => one >= 0)
  if (isList) return
  throw new ShapeError({
    who: WHO,
    wanted: `\`referenceClasses\`, an Int32Array with a class from 0 for each of the ${size} references`,
    got: describeValue(classes),
    fix: 'Number the classes, in the order of `ids`.',
  })
}
