import { readFile, rm, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { cannotWrite, type DataError } from '@metric-learning/contracts'
import { turnOfEventLoop } from '@metric-learning/ops'
import { BatchMatches, Index, MetricKind, ScalarKind, type Matches } from 'usearch'

/** Rows by number, all of one length. */
export interface Rows {
  readonly count: number
  readonly at: (row: number) => ArrayLike<number>
}

/** A graph as the library writes it, and what else it takes. */
export interface StoredGraph {
  readonly bytes: Uint8Array
  readonly description: string
}

/** How a graph is built; see `UsearchIndexOptions`. */
export interface GraphOptions {
  readonly metric: 'l2sq' | 'ip'
  readonly connectivity: number
  readonly expansionAdd: number
  readonly threads: number
}

/** Rows that are added to the library, and queries that are asked of it, in one call; the event loop has a turn in between. */
const AT_ONCE = 512
/** Neighbours of a row among which it is looked for itself, at first. */
const FIRST_LOOK = 8
/** What the description of a graph says of it. Those of others, which the library took rows out of, are not read: it would write beyond its memory. */
const VERSION = 3
/** Rows this many times as long as the longest were are near the end of float16. */
const LONGEST = 3e4
/** A query as far off, in the same measure, is asked from here on its way: what is nearest from there is what is nearest to it. */
const FURTHEST = 1e3
/** Rounded to float16, a row moves by about 2^-12 of its length; distances this many times its length, squared, are beyond that. */
const TOLD_APART = 2 ** -16
/** Float16 is fixed point below 2^-14. */
const LEAST = 2 ** -28

/** How the library holds numbers: by half of them it compares twice as fast, and float32 tells apart what these do not. */
export type Precision = 'f16' | 'f32'

/**
 * The library's graph (HNSW) of rows in a frame: less the mean, in a scale in which the longest has norm 1, of those that were
 * added first. So float32 tells them apart, whatever their offset and scale. Of products the order stays what it is.
 *
 * Rows only come: USearch 2.25.3 writes beyond its memory where it puts a row in the place of one that it took out. Who has no use for a
 * row any more passes over it.
 */
export class Graph {
  readonly #options: GraphOptions
  /** A row's key is its id, and where it is linked a second time 2^32 above. */
  readonly #index: Index
  readonly #centre: Float64Array
  readonly #scale: number
  readonly #precision: Precision

  private constructor(options: GraphOptions, precision: Precision, centre: Float64Array, scale: number) {
    const { metric, connectivity, expansionAdd } = options
    // More threads than the machine runs are of no use, and a graph that was loaded is not ready for them.
    this.#options = { ...options, threads: Math.min(options.threads, availableParallelism()) }
    this.#centre = centre
    this.#scale = scale
    this.#precision = precision
    this.#index = new Index({
      dimensions: centre.length,
      metric: metric === 'l2sq' ? MetricKind.L2sq : MetricKind.IP,
      quantization: precision === 'f16' ? ScalarKind.F16 : ScalarKind.F32,
      connectivity,
      expansion_add: expansionAdd,
      // A search looks at as many as it is asked for.
      expansion_search: 1,
      multi: false,
    })
  }

  /** An empty graph with the frame of some rows. */
  static of(rows: Rows, precision: Precision, options: GraphOptions): Graph {
    const centre = new Float64Array(rows.at(0).length)
    for (let row = 0; row < rows.count; row++) {
      const values = rows.at(row)
      for (let i = 0; i < centre.length; i++) centre[i]! += values[i]! / rows.count
    }
    let longest = 0
    for (let row = 0; row < rows.count; row++) longest = Math.max(longest, squaredDistance(rows.at(row), centre))
    return new Graph(options, precision, centre, longest > 0 ? 1 / Math.sqrt(longest) : 0)
  }

  /**
   * The graph that {@link bytes} gave, by its description; `undefined` where that is of another version.
   *
   * @throws {DataError} when the file can't be written.
   * @throws {Error} when there is no such graph.
   */
  static async from({ bytes, description }: StoredGraph, dim: number, options: GraphOptions, file: string): Promise<Graph | undefined> {
    const { version, precision, centre, scale } = JSON.parse(description) as { version?: unknown; precision: Precision; centre: number[]; scale: number }
    if (version !== VERSION) return undefined
    if (!Array.isArray(centre) || centre.length !== dim || ![...centre, scale].every(Number.isFinite)) throw new Error('a frame of another width')
    const graph = new Graph(options, precision, Float64Array.from(centre), scale)
    try {
      await writeFile(file, bytes).catch((cause: unknown) => {
        throw noRoom(file, cause)
      })
      graph.#index.load(file)
    } finally {
      await rm(file, { force: true })
    }
    return graph
  }

  /** How many rows were linked. */
  get size(): number {
    return Number(this.#index.size())
  }

  /** Whether all rows of these ids are there. */
  has(ids: Int32Array): boolean {
    return ids.length === 0 || [this.#index.contains(BigUint64Array.from(ids, BigInt))].flat().every(Boolean)
  }

  /** Whether further rows are told apart in this frame; where all rows so far were one point, none are. */
  suits(rows: Rows): boolean {
    for (let row = 0; row < rows.count; row++) {
      if (this.#scale === 0 || Math.sqrt(squaredDistance(rows.at(row), this.#centre)) * this.#scale > LONGEST) return false
    }
    return true
  }

  /**
   * Links rows, looks each up, and links those that are not found again, alone: what several threads link at once the library may leave
   * without a way to it (its issue 735), and a crowd of equal rows hides what lies behind it. By products no row is nearest to itself: they
   * are linked one after the other, and nothing is known of them.
   *
   * @returns whether float16, where the graph is of such numbers, tells each row from some about it; if not, there is no use in it
   */
  async add(ids: Int32Array, rows: Rows): Promise<boolean> {
    const { threads, metric } = this.#options
    if (metric === 'ip') {
      await this.#linkEach(ids, rows)
      return this.#precision === 'f32'
    }
    for (let from = 0; from < ids.length; from += AT_ONCE) {
      const some = ids.subarray(from, from + AT_ONCE)
      this.#index.add(BigUint64Array.from(some, BigInt), this.#framed(part(rows, from, some.length)), threads)
      await turnOfEventLoop()
    }
    const lost = await this.#lost(ids, rows)
    if (lost) await this.#linkEach(lost.map((row) => ids[row]!), { count: lost.length, at: (row) => rows.at(lost[row]!) }, 2n ** 32n)
    return lost !== undefined
  }

  /** For each query the ids of up to `count` rows that may be its nearest, in no order. */
  search(queries: Rows, count: number): Int32Array[] {
    const how = this.#options.metric === 'ip' ? 'direction' : 'near'
    return this.#look(this.#framed(queries, how), queries.count, count).map(({ keys }) => Int32Array.from(new Set(Array.from(keys, idOf))))
  }

  /** @throws {DataError} when the file, by which the library gives its bytes, can't be written. */
  async bytes(file: string): Promise<StoredGraph> {
    try {
      try {
        this.#index.save(file)
      } catch (cause) {
        throw noRoom(file, cause)
      }
      const bytes = await readFile(file)
      return { bytes, description: JSON.stringify({ version: VERSION, precision: this.#precision, centre: Array.from(this.#centre), scale: this.#scale }) }
    } finally {
      await rm(file, { force: true })
    }
  }

  /** Each in a call of its own, for which the library takes one thread, but makes ready for all that are to search. */
  async #linkEach(ids: Int32Array, rows: Rows, above = 0n): Promise<void> {
    for (let row = 0; row < ids.length; row++) {
      this.#index.add(BigUint64Array.of(BigInt(ids[row]!) + above), this.#framed(part(rows, row, 1)), this.#options.threads)
      if (row % AT_ONCE === AT_ONCE - 1) await turnOfEventLoop()
    }
  }

  /**
   * Rows that are not found where they are, each looked for among a few of its neighbours and then among more, up to `expansionAdd`. Where
   * all that is found is one point with it, nothing can be told: `undefined` in float16, where a crowd nearer to each other than roundings is one point, too.
   */
  async #lost(ids: Int32Array, rows: Rows): Promise<Int32Array | undefined> {
    let lost = Int32Array.from(ids.keys())
    for (let count = FIRST_LOOK; lost.length > 0 && count <= Math.max(FIRST_LOOK, this.#options.expansionAdd); count *= 4) {
      const still: number[] = []
      for (let from = 0; from < lost.length; from += AT_ONCE) {
        const some = lost.subarray(from, from + AT_ONCE)
        const asked = this.#framed({ count: some.length, at: (row) => rows.at(some[row]!) })
        const found = this.#look(asked, some.length, count)
        if (this.#precision === 'f16' && found.some(({ distances }, i) => distances.length === count && !tellsApart(rowAt(asked, i, this.#centre.length), distances))) return undefined
        found.forEach(({ keys, distances }, i) => {
          const isFound = keys.some((key) => idOf(key) === ids[some[i]!]) || (keys.length === count && distances.every((distance) => distance === 0))
          if (!isFound) still.push(some[i]!)
        })
        await turnOfEventLoop()
      }
      lost = Int32Array.from(still)
    }
    return lost
  }

  #look(queries: Float32Array, rows: number, count: number): { readonly keys: BigUint64Array; readonly distances: Float32Array }[] {
    const found: BatchMatches | Matches = this.#index.search(queries, count, Math.min(this.#options.threads, rows))
    if (!(found instanceof BatchMatches)) return [found]
    const { keys, distances, counts } = found
    return Array.from(counts, (some, query) => {
      const [from, to] = [query * count, query * count + Number(some)]
      return { keys: keys.subarray(from, to), distances: distances.subarray(from, to) }
    })
  }

  /** Rows in the frame; `near` moves those that are too far off on their way to it. A direction is not moved to the centre, and has norm 1. */
  #framed({ count, at }: Rows, how: 'as it is' | 'near' | 'direction' = 'as it is'): Float32Array {
    const [centre, scale] = [this.#centre, this.#scale]
    const dim = centre.length
    const into = new Float32Array(count * dim)
    for (let row = 0; row < count; row++) {
      const values = at(row)
      const origin = how === 'direction' ? undefined : centre
      const length = how === 'as it is' ? 0 : Math.sqrt(squaredDistance(values, origin))
      const own = how === 'direction' ? 1 / (length || 1) : Math.min(scale, FURTHEST / length)
      for (let i = 0; i < dim; i++) into[row * dim + i] = (values[i]! - (origin ? origin[i]! : 0)) * own
    }
    return into
  }
}

/** Whether the furthest of some neighbours of a row is further off than float16 moves it. */
function tellsApart(row: Float32Array, distances: Float32Array): boolean {
  const furthest = distances.reduce((most, distance) => Math.max(most, distance), 0)
  return furthest > TOLD_APART * (row.reduce((sum, value) => sum + value * value, 0) + row.length * LEAST)
}

const noRoom = (file: string, cause: unknown): DataError =>
  cannotWrite('UsearchIndex', `the graph to a file in passing, ${file}`, cause, 'Set TMPDIR to a folder that can be written, on a disk with room for the graph.')

const rowAt = (rows: Float32Array, row: number, dim: number): Float32Array => rows.subarray(row * dim, (row + 1) * dim)
const part = ({ at }: Rows, from: number, count: number): Rows => ({ count, at: (row) => at(from + row) })

/** The lower half of a key. */
const idOf = (key: bigint): number => Number(BigInt.asIntN(32, key))

function squaredDistance(values: ArrayLike<number>, from?: Float64Array): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += (values[i]! - (from ? from[i]! : 0)) ** 2
  return sum
}
