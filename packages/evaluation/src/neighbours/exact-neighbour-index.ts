import * as tf from '@tensorflow/tfjs-core'
import {
  DataError,
  describeValue,
  expectFixedNumber,
  expectKnownOptions,
  expectMethods,
  OptionError,
  ShapeError,
  StateError,
  type EmbeddingMatrix,
  type MatchRequest,
  type MemoryPlan,
  type NeighbourIndex,
  type NeighbourRequest,
  type NeighbourTile,
  type QueryRequest,
  type RankTile,
} from '@metric-learning/contracts'
import { expectBackend, turnOfEventLoop } from '@metric-learning/ops'
import { toHostMatrix, type HostMatrix } from '../embeddings/embedding-matrix.js'
import type { RowTile } from '../embeddings/row-tiles.js'
import { distanceScorer } from './distance-scorer.js'
import { readIndexFile, writeIndexFile } from './index-file.js'
import { MatchRanker } from './match-ranker.js'
import { planMemory } from './memory-plan.js'
import { leadingCount, leadingReferences } from './leading-references.js'
import { nearestReferences } from './nearest-references.js'
import { productRoundoff } from './product-roundoff.js'
import { productFormula, productScorer, type ProductFormula } from './product-scorer.js'
import type { AllReferences, LeadingReferences, RankingDistance, ScoredTile, TileScorer } from './tile-scorer.js'

export interface ExactNeighbourIndexOptions {
  /**
   * What neighbours are ranked by. Default: the squared Euclidean distance of the embeddings as they are, as in PyTorch Metric
   * Learning's `FaissKNN`; with a distance it is its `CustomKNN`.
   */
  readonly distance?: RankingDistance
  /** Bytes that the working memory of a tile may take; a tile has one query at least. Default 128 MiB. */
  readonly tileBytes?: number
}

const WHO = 'ExactNeighbourIndex'
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
  #references: References = NONE
  #nextId = 0
  #shared: SharedScorer | undefined
  #roundoff: number | undefined

  constructor(options: ExactNeighbourIndexOptions = {}) {
    expectKnownOptions(WHO, options, ['distance', 'tileBytes'])
    const { distance, tileBytes = 128 * 2 ** 20 } = options
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
    return this.#references.ids.length
  }

  get ids(): Int32Array {
    return this.#references.ids.slice()
  }

  async add(embeddings: EmbeddingMatrix): Promise<Int32Array> {
    const { values, rows, dim } = await toHostMatrix(WHO, 'embeddings', embeddings)
    const { ids, dim: width, pieces } = this.#references
    if (width !== undefined) expectWidth('embeddings', rows, dim, width)
    const added = Int32Array.from({ length: rows }, (_, row) => this.#nextId + row)
    this.#replace({ ids: joined(Int32Array, ids, added), dim, pieces: [...pieces, values.slice()] }, this.#nextId + rows)
    return added
  }

  async remove(ids: ArrayLike<number>): Promise<void> {
    const { ids: present } = this.#references
    const leaves = new Uint8Array(present.length)
    for (const row of rowsOf(ids, present)) {
      if (leaves[row]) throw noSuch(present, `id ${present[row]} twice`)
      leaves[row] = 1
    }
    const kept = Int32Array.from(present.keys()).filter((row) => !leaves[row])
    const { values, dim } = rowsAt(this.#matrix(), kept)
    const rest = { ids: kept.map((row) => present[row]!), dim, pieces: [values] }
    await Promise.resolve(this.#replace(kept.length > 0 ? rest : NONE, this.#nextId))
  }

  async *search(request: NeighbourRequest): AsyncGenerator<NeighbourTile> {
    expectKnownOptions(`${WHO}.search`, request, ['query', 'ids', 'exclude', 'onProgress', 'k'])
    expectDepth(request.k, ['all'])
    const open = await this.#open(request)
    const { queries, available } = open
    const k = request.k === 'all' ? available : Math.min(request.k, available)
    yield* scored(open, request, k, this.#plan(queries.rows, k).tileRows, (tile, references) => {
      const nearest = new TileNeighbours(open, tile, k)
      for (let row = 0; k > 0 && row < tile.rowCount; row++) nearest.find(row, references(row))
      return nearest.tile
    })
  }

  async *rank(request: MatchRequest): AsyncGenerator<RankTile> {
    expectKnownOptions(`${WHO}.rank`, request, ['query', 'ids', 'exclude', 'onProgress', 'k', 'referenceClasses', 'matchingClasses', 'neighbours'])
    const { k: wanted = 'all', referenceClasses, matchingClasses, exclude, neighbours } = request
    expectDepth(wanted, ['all', 'max_bin_count'])
    if (neighbours !== undefined) expectDepth(neighbours, ['all'], 'neighbours')
    const open = await this.#open(request, referenceClasses)
    const { queries, available, itself } = open
    const ranker = new MatchRanker(referenceClasses)
    const matches = (query: number) => ranker.matches(matchingClasses(query), itself?.[query] ?? -1, exclude?.(query)).length
    const mostMatches = () => Array.from({ length: queries.rows }, (_, query) => matches(query)).reduce((most, count) => Math.max(most, count), 0)
    const k = wanted === 'all' ? available : wanted === 'max_bin_count' ? mostMatches() : Math.min(wanted, available)
    const kept = neighbours === 'all' ? available : Math.min(neighbours ?? 0, available)
    yield* scored(open, request, Math.max(k, kept), this.#plan(queries.rows, kept).tileRows, (tile, references) => {
      const nearest = neighbours === undefined ? undefined : new TileNeighbours(open, tile, kept)
      const found = Array.from({ length: tile.rowCount }, (_, row) => {
        const scores = references(row)
        if (kept > 0) nearest?.find(row, scores)
        return ranker.ranks(scores, matchingClasses(tile.firstRow + row), k).slice()
      })
      const offsets = new Int32Array(tile.rowCount + 1)
      found.forEach((ranks, row) => (offsets[row + 1] = offsets[row]! + ranks.length))
      if (ranker.decided > SHARPEN_ABOVE * open.ids.length * (tile.firstRow + tile.rowCount)) open.shared.scorer.sharpen?.()
      return { ...tile, k, offsets, ranks: joined(Int32Array, ...found), ...(nearest && { nearest: nearest.tile }) }
    })
  }

  /** @throws {StateError} when there are no references. */
  plan({ queries, k = 0 }: { readonly queries: number; readonly k?: number | 'all' }): MemoryPlan {
    this.#expectReferences()
    return this.#plan(queries, k === 'all' ? this.size : Math.min(k, this.size))
  }

  async save(path: string): Promise<void> {
    this.#expectReferences()
    const { values, dim } = this.#matrix()
    const stored = { ids: this.ids, values, dim, nextId: this.#nextId, distance: describeDistance(this.#distance) }
    await writeIndexFile(`${WHO}.save`, path, stored)
  }

  async load(path: string): Promise<void> {
    const { ids, values, dim, nextId, distance } = await readIndexFile(`${WHO}.load`, path)
    const own = describeDistance(this.#distance)
    if (distance !== own) {
      throw new StateError({ who: `${WHO}.load`, wanted: `an index that ranks by ${own}`, got: `one by ${distance} in ${path}`, fix: 'Make the index with the distance of the one that was saved.' })
    }
    this.#replace({ ids, dim, pieces: [values] }, nextId)
  }

  dispose(): void {
    this.#shared?.letGo()
    this.#shared = undefined
  }

  #replace(references: References, nextId: number): void {
    this.dispose()
    this.#references = references
    this.#nextId = nextId
  }

  /** The references in one piece. */
  #matrix(): HostMatrix {
    const { ids, dim = 0, pieces } = this.#references
    const values = pieces.length === 1 ? pieces[0]! : joined(Float32Array, ...pieces)
    if (pieces.length > 1) this.#references = { ids, dim, pieces: [values] }
    return { values, rows: ids.length, dim }
  }

  #plan(queries: number, k: number): MemoryPlan {
    const { ids, dim = 0 } = this.#references
    return planMemory({ size: ids.length, dim, queries, k, isProduct: this.#formula !== undefined, tileBytes: this.#tileBytes })
  }

  #expectReferences(): void {
    if (this.size > 0) return
    throw new StateError({ who: WHO, wanted: 'references', got: 'none', fix: 'Call `add` first.' })
  }

  /** What a search looks at: from here on, what is added or removed does not count. */
  async #open({ query, ids: named }: QueryRequest, classes?: Int32Array): Promise<OpenSearch> {
    expectBackend(WHO)
    const given = query && (await toHostMatrix(WHO, 'query', query))
    const roundoff = (this.#roundoff ??= this.#formula ? await productRoundoff() : 0)
    this.#expectReferences()
    const { ids } = this.#references
    const references = this.#matrix()
    const itself = named ? rowsOf(named, ids) : given ? undefined : Int32Array.from(ids.keys())
    if (given) expectWidth('query', given.rows, given.dim, references.dim)
    if (classes) expectClasses(classes, ids.length)
    const queries = given ?? (named ? rowsAt(references, itself!) : references)
    if (itself && itself.length !== queries.rows) {
      throw new ShapeError({ who: WHO, wanted: `one of \`ids\` for each of the ${queries.rows} queries`, got: String(itself.length), fix: 'Name the reference that each query is.' })
    }
    const shared = (this.#shared ??= new SharedScorer(
      this.#formula ? productScorer(this.#formula, references, roundoff) : distanceScorer(this.#distance!, references),
    ))
    return { ids, queries, itself, available: ids.length - (itself ? 1 : 0), shared }
  }
}

interface References {
  /** Ascending. */
  readonly ids: Int32Array
  readonly dim: number | undefined
  /** float32 [ids, dim] in pieces of whole rows, as they were added. */
  readonly pieces: readonly Float32Array[]
}

const NONE: References = { ids: new Int32Array(), dim: undefined, pieces: [] }

interface OpenSearch {
  readonly ids: Int32Array
  readonly queries: HostMatrix
  /** The row of the reference that each query is. */
  readonly itself: Int32Array | undefined
  /** References that a query can find. */
  readonly available: number
  readonly shared: SharedScorer
}

/** The k nearest references of each query of a tile. */
class TileNeighbours {
  readonly tile: NeighbourTile

  constructor(
    private readonly search: OpenSearch,
    tile: RowTile,
    k: number,
  ) {
    const size = tile.rowCount * k
    this.tile = { ...tile, k, ids: new Int32Array(size).fill(-1), distances: new Float64Array(size).fill(NaN) }
  }

  /** @param row of the tile */
  find(row: number, references: AllReferences | LeadingReferences): void {
    const { k, ids, distances } = this.tile
    const { rows, scores } = nearestReferences(references, k)
    rows.forEach((reference, i) => {
      ids[row * k + i] = this.search.ids[reference]!
      distances[row * k + i] = this.search.shared.scorer.toDistance(scores[i]!)
    })
  }
}

/** A scorer that is freed once nobody needs it: the index, and searches under way. */
class SharedScorer {
  #users = 1

  constructor(readonly scorer: TileScorer) {}

  take(): TileScorer {
    this.#users++
    return this.scorer
  }

  letGo(): void {
    if (--this.#users === 0) this.scorer.dispose()
  }
}

/** Scores tile by tile, and what is made of each. Where few neighbours are wanted, the device picks those that may be among them. */
async function* scored<T>(
  { ids, queries, itself, shared }: OpenSearch,
  { exclude, onProgress }: QueryRequest,
  k: number,
  tileRows: number,
  reduce: (tile: RowTile, references: (row: number) => AllReferences | LeadingReferences) => T,
): AsyncGenerator<T> {
  const size = ids.length
  const scorer = shared.take()
  const isFew = k > 0 && scorer.isProduct && !exclude && 8 * leadingCount(k) <= size
  try {
    for (let firstRow = 0; firstRow < queries.rows; firstRow += tileRows) {
      const tile = { firstRow, rowCount: Math.min(tileRows, queries.rows - firstRow) }
      const prepared = scorer.prepare(queries, tile)
      const itselfAt = (row: number) => itself?.[firstRow + row] ?? -1
      const onDevice = tf.tidy(() => prepared.scores())
      try {
        const leading = isFew ? await leadingReferences(onDevice, prepared, k, itselfAt) : []
        const whole = await rowsOnHost(onDevice, Int32Array.from({ length: tile.rowCount }, (_, row) => row).filter((row) => !leading[row]))
        yield reduce(tile, (row) => leading[row] ?? allReferences(prepared, row, whole(row), itselfAt(row), exclude?.(firstRow + row)))
      } finally {
        onDevice.dispose()
      }
      onProgress?.(firstRow + tile.rowCount, queries.rows)
      await turnOfEventLoop()
    }
  } finally {
    shared.letGo()
  }
}

/** Some rows of a matrix, by their number. */
async function rowsOnHost(matrix: tf.Tensor2D, rows: Int32Array): Promise<(row: number) => Float32Array> {
  const [count, width] = matrix.shape
  if (rows.length === 0) return () => new Float32Array()
  const some = rows.length === count ? tf.clone(matrix) : tf.tidy(() => tf.gather(matrix, tf.tensor1d(rows, 'int32')))
  const values = await some.data<'float32'>()
  some.dispose()
  const places = new Map(Array.from(rows, (row, i) => [row, i]))
  return (row) => values.subarray(places.get(row)! * width, (places.get(row)! + 1) * width)
}

function allReferences(tile: ScoredTile, row: number, scores: Float32Array, itself: number, excluded: Uint8Array | undefined): AllReferences {
  if (excluded && excluded.length !== scores.length) throw wrongMask(excluded.length, scores.length)
  return { scores, trust: tile.trust(row, scores), itself, excluded }
}

/** The rows of some ids. */
function rowsOf(ids: ArrayLike<number>, present: Int32Array): Int32Array {
  return Int32Array.from(ids, (id) => {
    let [low, high] = [0, present.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (present[middle]! < id) low = middle + 1
      else high = middle
    }
    if (present[low] !== id) throw noSuch(present, `id ${describeValue(id)}`)
    return low
  })
}

function rowsAt({ values, dim }: HostMatrix, rows: Int32Array): HostMatrix {
  const picked = new Float32Array(rows.length * dim)
  rows.forEach((row, i) => {
    picked.set(values.subarray(row * dim, (row + 1) * dim), i * dim)
  })
  return { values: picked, rows: rows.length, dim }
}

function joined<T extends Float32Array | Int32Array>(kind: new (length: number) => T, ...parts: readonly T[]): T {
  const whole = new kind(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** What an index ranks by, in words: those of the file. */
function describeDistance(distance: RankingDistance | undefined): string {
  if (!distance) return 'the squared Euclidean distance'
  const { name = distance.constructor.name, measure, normalizeEmbeddings, p, power } = distance
  return JSON.stringify({ name: measure ?? name, normalizeEmbeddings, p: p === Infinity ? 'Infinity' : p, power })
}

function expectDepth(k: unknown, words: readonly string[], option = 'k'): void {
  if (words.includes(k as string) || (Number.isInteger(k) && (k as number) > 0)) return
  const names = words.map((word) => `'${word}'`).join(' or ')
  throw new OptionError({ who: WHO, wanted: `\`${option}\` to be a positive integer or ${names}`, got: describeValue(k), fix: 'Pass the number of neighbours.' })
}

function expectWidth(what: string, rows: number, dim: number, width: number): void {
  if (dim === width) return
  throw new ShapeError({
    who: WHO,
    wanted: `\`${what}\` of shape [rows, ${width}], as wide as the references`,
    got: `[${rows}, ${dim}]`,
    fix: 'Embed both with the same model.',
  })
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

const noSuch = (present: Int32Array, got: string): DataError =>
  new DataError({ who: WHO, wanted: `ids of the ${present.length} references, each once where they are removed`, got, fix: 'Pass ids that `add` gave.' })

const wrongMask = (got: number, size: number): ShapeError =>
  new ShapeError({ who: WHO, wanted: `a mask over the ${size} references from \`exclude\``, got: `one of ${got}`, fix: 'Give a number for each, in the order of `ids`.' })
