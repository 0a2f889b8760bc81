import { readFile, rm, writeFile } from 'node:fs/promises'
import { turnOfEventLoop } from '@metric-learning/ops'
import { BatchMatches, Index, MetricKind, ScalarKind, type Matches } from 'usearch'

/** Rows by number, all of one length. */
export interface Rows {
  readonly count: number
  readonly at: (row: number) => ArrayLike<number>
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
/** Rows this many times as long as the longest were, squared, are near the end of float32. */
const LONGEST = 1e6

/**
 * The library's graph (HNSW) of rows in a frame: less the mean, in a scale in which the longest has norm 1, of those that were
 * added first. So float32 tells them apart, whatever their offset and scale. Of products the order stays what it is.
 */
export class Graph {
  readonly #options: GraphOptions
  readonly #index: Index
  readonly #centre: Float64Array
  readonly #scale: number

  private constructor(options: GraphOptions, centre: Float64Array, scale: number) {
    const { metric, connectivity, expansionAdd } = options
    this.#options = options
    this.#centre = centre
    this.#scale = scale
    this.#index = new Index({
      dimensions: centre.length,
      metric: metric === 'l2sq' ? MetricKind.L2sq : MetricKind.IP,
      quantization: ScalarKind.F32,
      connectivity,
      expansion_add: expansionAdd,
      // A search looks at as many as it is asked for.
      expansion_search: 1,
      multi: false,
    })
  }

  /** An empty graph with the frame of some rows. */
  static of(rows: Rows, options: GraphOptions): Graph {
    const centre = new Float64Array(rows.at(0).length)
    for (let row = 0; row < rows.count; row++) {
      const values = rows.at(row)
      for (let i = 0; i < centre.length; i++) centre[i]! += values[i]! / rows.count
    }
    let longest = 0
    for (let row = 0; row < rows.count; row++) longest = Math.max(longest, squaredDistance(rows.at(row), centre))
    return new Graph(options, centre, longest > 0 ? 1 / Math.sqrt(longest) : 0)
  }

  /** The graph that {@link bytes} gave, by its description. */
  static async from(bytes: Uint8Array, description: string, options: GraphOptions, file: string): Promise<Graph> {
    const { centre, scale } = JSON.parse(description) as { centre: number[]; scale: number }
    const graph = new Graph(options, Float64Array.from(centre), scale)
    try {
      await writeFile(file, bytes)
      graph.#index.load(file)
    } finally {
      await rm(file, { force: true })
    }
    return graph
  }

  /** How many rows there are. */
  get size(): number {
    return Number(this.#index.size())
  }

  /** Whether further rows are told apart in this frame; where all rows so far were one point, none are. */
  suits(rows: Rows): boolean {
    for (let row = 0; row < rows.count; row++) {
      if (this.#scale === 0 || Math.sqrt(squaredDistance(rows.at(row), this.#centre)) * this.#scale > LONGEST) return false
    }
    return true
  }

  async add(ids: Int32Array, rows: Rows): Promise<void> {
    const { threads } = this.#options
    for (let from = 0; from < ids.length; from += AT_ONCE) {
      const some = ids.subarray(from, from + AT_ONCE)
      this.#index.add(BigUint64Array.from(some, BigInt), this.#framed({ count: some.length, at: (row) => rows.at(from + row) }), threads)
      await turnOfEventLoop()
    }
  }

  remove(ids: Iterable<number>): void {
    this.#index.remove(BigUint64Array.from(ids, BigInt))
  }

  /** For each query the ids of up to `count` rows that may be its nearest, in no order. */
  search(queries: Rows, count: number): Int32Array[] {
    const { threads, metric } = this.#options
    const asked = this.#framed(queries, metric === 'ip')
    const found: BatchMatches | Matches = this.#index.search(asked, count, Math.min(threads, queries.count))
    if (!(found instanceof BatchMatches)) return [Int32Array.from(found.keys, Number)]
    const { keys, counts } = found
    return Array.from(counts, (some, query) => Int32Array.from(keys.subarray(query * count, query * count + Number(some)), Number))
  }

  /** The graph as the library writes it, and what else it takes. */
  async bytes(file: string): Promise<{ readonly bytes: Uint8Array; readonly description: string }> {
    try {
      this.#index.save(file)
      const bytes = await readFile(file)
      return { bytes, description: JSON.stringify({ centre: Array.from(this.#centre), scale: this.#scale }) }
    } finally {
      await rm(file, { force: true })
    }
  }

  /** Rows in the frame. A direction is not moved, and has norm 1. */
  #framed({ count, at }: Rows, isDirection = false): Float32Array {
    const [centre, scale] = [this.#centre, this.#scale]
    const dim = centre.length
    const into = new Float32Array(count * dim)
    for (let row = 0; row < count; row++) {
      const values = at(row)
      const own = isDirection ? 1 / (Math.sqrt(squaredDistance(values)) || 1) : scale
      for (let i = 0; i < dim; i++) into[row * dim + i] = (isDirection ? values[i]! : values[i]! - centre[i]!) * own
    }
    return into
  }
}

function squaredDistance(values: ArrayLike<number>, from?: Float64Array): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += (values[i]! - (from ? from[i]! : 0)) ** 2
  return sum
}
