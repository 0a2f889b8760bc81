import { randomUUID } from 'node:crypto'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  DataError,
  describeValue,
  expectFixedNumber,
  expectKnownOptions,
  expectNumber,
  isMetricLearningError,
  OptionError,
  Random,
  StateError,
  type EmbeddingMatrix,
  type NeighbourIndex,
  type NeighbourRequest,
  type NeighbourTile,
} from '@metric-learning/contracts'
import {
  distanceInWords,
  ExactNeighbourIndex,
  ExactScores,
  HostReferences,
  productFormula,
  readIndexFile,
  readyRow,
  toHostMatrix,
  writeIndexFile,
  type HostMatrix,
  type ProductFormula,
  type RankingDistance,
} from '@metric-learning/evaluation'
import { turnOfEventLoop } from '@metric-learning/ops'
import { Graph, type GraphOptions, type Rows } from './graph.js'
import { look, nearest, type OpenSearch } from './open-search.js'

export interface UsearchIndexOptions {
  /**
   * What neighbours are ranked by: `LpDistance` with p = 2, `CosineSimilarity` or `DotProductSimilarity`. Default: the squared Euclidean
   * distance of the embeddings as they are.
   */
  readonly distance?: RankingDistance
  /**
   * References that a search looks at, of which the best are given: the more, the better and slower. More than k in any case. May be
   * changed with {@link UsearchIndex.expansion}. Default 128.
   */
  readonly expansion?: number
  /** References that are looked at to find the links of one that is added, up to 65,536. Default 128. */
  readonly expansionAdd?: number
  /** Links of a reference in the graph, 2 to 1024. Default 16. */
  readonly connectivity?: number
  /**
   * Threads that add and search. What was linked is looked up, and linked again where it is not found; with 1 a graph is the same each time.
   * By products that are not normalised one thread links. Default, and the most that are used: as many as run at a time on this machine.
   *
   * @see https://github.com/unum-cloud/USearch/issues/735
   */
  readonly threads?: number
}

/** What {@link UsearchIndex.recall} is to measure. */
export interface RecallRequest {
  /** Neighbours a query. Default 10. */
  readonly k?: number
  /** Queries: so many of the references, drawn. Default 200, or all if there are fewer. */
  readonly sample?: number
  /** Equal seeds draw equal queries. Default 0. */
  readonly seed?: number
}

/** How many of the nearest are found. */
export interface MeasuredRecall {
  /** Of the k nearest by the exact index the share that is found, in [0, 1]: the mean over queries. */
  readonly recall: number
  readonly k: number
  readonly queries: number
}

const WHO = 'UsearchIndex'
/** Queries that are asked at once. */
const TILE = 64
/** More than these the library has no memory for, and says so in its own way. */
const [MOST_LINKS, MOST_LOOKED_AT] = [1024, 65_536]
/** The graph has at most so many times as many rows as there are references. */
const MOST_LINKED = 2

/**
 * Approximate nearest neighbours by a graph (HNSW, on USearch): of a million references a query looks at some hundred. What it found is
 * scored in float64, as `ExactNeighbourIndex` does, so that distances and the order of what is found are exact, and only
 * neighbours that the graph did not lead to are missed. {@link recall} measures how many.
 *
 * Embeddings are kept on the host, beside the library's copy: 6 · dim bytes a reference, and about 8 · `connectivity` for the graph. The copy is
 * float16, less the mean of all; where that does not tell references from their neighbours, which is looked at when they are linked, it is
 * float32, of 2 · dim bytes more. Nothing is on the device. Few references, and all where a mask leaves out most, are answered for by looking at each. The event loop has a turn after each tile, and while references are added.
 *
 * References that are removed stay in the graph, where searches pass over them; once they are more than half of it, {@link remove} links
 * those that are left anew, which takes as long as adding them.
 *
 * @throws {OptionError} when an option is unknown or outside its range, or `distance` is none of those.
 * @see Malkov, Yashunin, Efficient and robust approximate nearest neighbor search using HNSW graphs, IEEE TPAMI 42 (2020).
 * @see https://github.com/unum-cloud/usearch
 * @example
 * const index = new UsearchIndex({ distance: new CosineSimilarity(), expansion: 256 })
 * await index.add(gallery)
 * console.log(await index.recall({ k: 10 })) // { recall: 0.993, k: 10, queries: 200 }
 */
export class UsearchIndex implements NeighbourIndex {
  readonly #distance: RankingDistance | undefined
  readonly #formula: ProductFormula
  readonly #options: GraphOptions
  #expansion: number
  #references = HostReferences.none(WHO)
  #nextId = 0
  #graph: Graph | undefined
  #exact: ExactScores | undefined
  /** What changes the index does so one after the other. */
  #changes: Promise<unknown> = Promise.resolve()

  constructor(options: UsearchIndexOptions = {}) {
    expectKnownOptions(WHO, options, ['distance', 'expansion', 'expansionAdd', 'connectivity', 'threads'])
    const { distance, expansion = 128, expansionAdd = 128, connectivity = 16, threads = availableParallelism() } = options
    for (const [name, value] of Object.entries({ expansion, expansionAdd, threads })) expectNumber(WHO, name, value, { min: 1, integer: true })
    expectNumber(WHO, 'connectivity', connectivity, { min: 2, max: MOST_LINKS, integer: true })
    expectNumber(WHO, 'expansionAdd', expansionAdd, { max: MOST_LOOKED_AT, hint: 'The library makes room for so many in each thread.' })
    for (const [name, value] of Object.entries({ expansion, expansionAdd, connectivity, threads })) expectFixedNumber(WHO, name, value, { min: 1, hint: 'It is a count.' })
    const formula = distance && typeof distance !== 'object' ? undefined : productFormula(distance)
    if (!formula) {
      throw new OptionError({
        who: WHO,
        wanted: '`distance` to be an LpDistance with p = 2, a CosineSimilarity or a DotProductSimilarity of power 1',
        got: typeof distance === 'object' ? distanceInWords(distance) : describeValue(distance),
        fix: 'Rank by one of these, or with `ExactNeighbourIndex` by any.',
      })
    }
    this.#distance = distance
    this.#formula = formula
    this.#expansion = expansion
    // Rows of norm 1 are as near by their products as by their distances, and these float32 keeps better.
    const metric = formula.kind === 'dotProduct' && formula.normalizeBy !== 2 ? 'ip' : 'l2sq'
    this.#options = { metric, connectivity, expansionAdd, threads }
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

  /** References that a search looks at; may be set at any time. */
  get expansion(): number {
    return this.#expansion
  }

  set expansion(expansion: number) {
    expectNumber(WHO, 'expansion', expansion, { min: 1, integer: true })
    this.#expansion = expansion
  }

  async add(embeddings: EmbeddingMatrix, ...more: readonly never[]): Promise<Int32Array> {
    this.#references.expectEmbeddingsAlone(more)
    const copy = await toHostMatrix(WHO, 'embeddings', embeddings, true)
    return this.#change(async () => {
      const added = Int32Array.from({ length: copy.rows }, (_, row) => this.#nextId + row)
      const references = this.#references.with(added, copy)
      // Should it fail on the way, the graph has some of these ids.
      this.#nextId += copy.rows
      this.#replace(references, await this.#linked(added, copy, references))
      return added
    })
  }

  async remove(ids: ArrayLike<number>): Promise<void> {
    // What is no list is refused in its turn.
    const named = Array.isArray(ids) || ArrayBuffer.isView(ids) ? Array.from(ids) : ids
    await this.#change(async () => {
      const rest = this.#references.without(named)
      const isFull = rest.size > 0 && this.#graph!.size > MOST_LINKED * rest.size
      this.#replace(rest, isFull ? await this.#linkedAnew(rest) : rest.size > 0 ? this.#graph : undefined)
    })
  }

  async *search(request: NeighbourRequest): AsyncGenerator<NeighbourTile> {
    this.#references.expectRequest('search', request, ['query', 'ids', 'exclude', 'onProgress', 'k'])
    const { query, ids: named, k: wanted, exclude, onProgress } = request
    if (wanted !== 'all' && !(Number.isInteger(wanted) && wanted > 0)) {
      throw new OptionError({ who: WHO, wanted: "`k` to be a positive integer or 'all'", got: describeValue(wanted), fix: 'Pass the number of neighbours.' })
    }
    this.#references.expectCallable(request)
    const given = query === undefined ? undefined : await toHostMatrix(WHO, 'query', query, true)
    const references = this.#references
    const { queries, itself, available } = references.asked(given, named)
    const { ids } = references
    const exact = (this.#exact ??= new ExactScores(this.#formula, references.matrix))
    const k = wanted === 'all' ? available : Math.min(wanted, available)
    const open: OpenSearch = { references, exact, graph: this.#graph! }
    const looks = Math.max(this.#expansion, k + 1)
    for (let firstRow = 0; firstRow < queries.rows; firstRow += TILE) {
      const rowCount = Math.min(TILE, queries.rows - firstRow)
      const tile = { firstRow, rowCount, k, ids: new Int32Array(rowCount * k).fill(-1), distances: new Float64Array(rowCount * k).fill(NaN) }
      const asked = Array.from({ length: rowCount }, (_, row) => readyRow(this.#formula, queries, firstRow + row))
      const found = k > 0 ? look(open, asked, looks) : []
      for (let row = 0; row < rowCount && k > 0; row++) {
        const mask = references.excluded(exclude, firstRow + row)
        const own = itself?.[firstRow + row] ?? -1
        const leaves = (reference: number) => reference === own || Boolean(mask?.[reference])
        nearest(open, asked[row]!, { rows: found?.[row], looks }, k, leaves).forEach(({ reference, score }, i) => {
          tile.ids[row * k + i] = ids[reference]!
          tile.distances[row * k + i] = this.#formula.toDistance(score)
        })
      }
      yield tile
      onProgress?.(firstRow + rowCount, queries.rows)
      await turnOfEventLoop()
    }
  }

  /**
   * Measures how many of the nearest neighbours are found, beside `ExactNeighbourIndex`, with queries that are references, each without
   * itself. Takes a backend, and the time of an exact search.
   *
   * @throws {StateError} when there are fewer than two references.
   * @throws {OptionError} when an option is unknown or outside its range.
   */
  async recall(request: RecallRequest = {}): Promise<MeasuredRecall> {
    expectKnownOptions(`${WHO}.recall`, request, ['k', 'sample', 'seed'])
    const { k = 10, sample = 200, seed = 0 } = request
    expectNumber(`${WHO}.recall`, 'k', k, { min: 1, integer: true })
    expectNumber(`${WHO}.recall`, 'sample', sample, { min: 1, integer: true })
    if (this.size < 2) throw new StateError({ who: `${WHO}.recall`, wanted: 'two references at least', got: String(this.size), fix: 'Call `add` first.' })
    const present = this.ids
    const drawn = Random.at(seed, WHO).shuffle(Int32Array.from(present.keys())).subarray(0, sample)
    const { values, dim } = this.#references.matrix
    const exact = new ExactNeighbourIndex(this.#distance ? { distance: this.#distance } : {})
    try {
      await exact.add({ embeddings: values, dim })
      // The exact index numbers references by their rows.
      const wanted = await neighbours(exact, { ids: drawn, k })
      const found = await neighbours(this, { ids: drawn.map((row) => present[row]!), k })
      const shares = wanted.map((rows, query) => {
        const ids = new Set(found[query])
        return rows.filter((row) => ids.has(present[row]!)).length / rows.length
      })
      return { recall: shares.reduce((sum, share) => sum + share, 0) / shares.length, k, queries: drawn.length }
    } finally {
      exact.dispose()
    }
  }

  async save(path: string): Promise<void> {
    await this.#change(async () => {
      this.#references.expectSome()
      const { values, dim } = this.#references.matrix
      const graph = await this.#graph!.bytes(temporary())
      await writeIndexFile(`${WHO}.save`, path, { ids: this.ids, values, dim, nextId: this.#nextId, distance: distanceInWords(this.#distance), graph })
    })
  }

  /** Takes the file of an `ExactNeighbourIndex` as well, and links its references anew. As in the contract otherwise. */
  async load(path: string): Promise<void> {
    const { ids, values, dim, nextId, graph } = await readIndexFile(`${WHO}.load`, path, distanceInWords(this.#distance))
    await this.#change(async () => {
      const matrix = { values, rows: ids.length, dim }
      const references = HostReferences.none(WHO).with(ids, matrix)
      const damaged = (got: string, cause?: unknown) =>
        new DataError({ who: `${WHO}.load`, wanted: `a graph of the ${ids.length} references in ${path}`, got, fix: 'Save the index again.', ...(cause !== undefined && { cause }) })
      const read = graph && (await Graph.from(graph, dim, this.#options, temporary()).catch((cause: unknown) => {
        if (isMetricLearningError(cause)) throw cause
        throw damaged(cause instanceof Error ? cause.message : String(cause), cause)
      }))
      if (read && !read.has(ids)) throw damaged('one that lacks some')
      const linked = read ?? (await this.#linkedAnew(references))
      this.#nextId = nextId
      this.#replace(references, linked)
    })
  }

  /** Nothing of it is on the device. */
  dispose(): void {
    this.#exact = undefined
  }

  /** The graph with references that are added to it; a new one of all where its frame, or its numbers, do not suit them. */
  async #linked(ids: Int32Array, added: HostMatrix, all: HostReferences): Promise<Graph> {
    const rows = this.#rowsOf(added)
    return this.#graph?.suits(rows) && (await this.#graph.add(ids, rows)) ? this.#graph : this.#linkedAnew(all)
  }

  /** By products nothing shows whether float16 will do. */
  async #linkedAnew({ ids, matrix }: HostReferences): Promise<Graph> {
    const rows = this.#rowsOf(matrix)
    if (this.#options.metric === 'l2sq') {
      const graph = Graph.of(rows, 'f16', this.#options)
      if (await graph.add(ids, rows)) return graph
    }
    const graph = Graph.of(rows, 'f32', this.#options)
    await graph.add(ids, rows)
    return graph
  }

  #rowsOf(matrix: HostMatrix): Rows {
    return { count: matrix.rows, at: (row) => readyRow(this.#formula, matrix, row) }
  }

  #change<T>(work: () => T | Promise<T>): Promise<T> {
    const done = this.#changes.then(work)
    this.#changes = done.catch(() => undefined)
    return done
  }

  #replace(references: HostReferences, graph: Graph | undefined): void {
    this.#exact = undefined
    this.#references = references
    this.#graph = graph
  }
}

/** Ids of the neighbours of each query. */
async function neighbours(index: NeighbourIndex, request: NeighbourRequest): Promise<number[][]> {
  const all: number[][] = []
  for await (const { rowCount, k, ids } of index.search(request)) {
    for (let row = 0; row < rowCount; row++) all.push(Array.from(ids.subarray(row * k, (row + 1) * k)))
  }
  return all
}

/** The library writes and reads graphs in files alone. */
const temporary = (): string => join(tmpdir(), `usearch-${randomUUID()}`)
