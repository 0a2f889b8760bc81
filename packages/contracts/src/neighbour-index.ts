import type { EmbeddingMatrix, ReferenceMask } from './embeddings.js'

/** What is looked up in a {@link NeighbourIndex}. */
export interface QueryRequest {
  /** [n, dim]. Left out: the references that `ids` names, or all of them in order. */
  readonly query?: EmbeddingMatrix
  /**
   * The references that the queries are, one id a query: a query is no neighbour of itself. Default: none with `query`, all
   * without it.
   */
  readonly ids?: ArrayLike<number>
  /**
   * Which references a query must not find: for the row of a query a mask over the references in the order of `ids` of the index,
   * 1 or `true` for each that is left out, or `undefined` for none. It is read before the next query is asked about. Default: none.
   *
   * @example // Re-identification: a person as the same camera saw it is no match, and no mistake.
   * exclude: (query) => mask.map((_, row) => Number(person[row] === person[query] && camera[row] === camera[query]))
   */
  readonly exclude?: (query: number) => ReferenceMask | undefined
  /** Told after each tile how many queries are done, of how many. */
  readonly onProgress?: (done: number, total: number) => void
}

/** A search for the nearest neighbours of some queries. */
export interface NeighbourRequest extends QueryRequest {
  /** Neighbours a query: at least 1, or all. More than there are is cut to what exists. */
  readonly k: number | 'all'
}

/** The neighbours of consecutive queries, nearest first. */
export interface NeighbourTile {
  /** Row of the first query of this tile. */
  readonly firstRow: number
  /** Queries in this tile. */
  readonly rowCount: number
  /** Neighbours a query, in every tile the same. */
  readonly k: number
  /** Ids of the references: int32 [rowCount, k]. -1 where `exclude` leaves a query with fewer. */
  readonly ids: Int32Array
  /** How far they are, or how similar: [rowCount, k]. NaN where the id is -1. */
  readonly distances: Float64Array
}

/** Which references a query looks for, by classes. */
export interface MatchRequest extends QueryRequest {
  /** Class of each reference, in the order of `ids` of the index: int32 [size], from 0. */
  readonly referenceClasses: Int32Array
  /** For the row of a query the classes of references that match it, each once. It is read before the next query is asked about. */
  readonly matchingClasses: (query: number) => ArrayLike<number>
  /**
   * How deep to look: matches beyond the k nearest are left out. `'max_bin_count'`: as many as the query with most matches has.
   * Default: all.
   */
  readonly k?: number | 'all' | 'max_bin_count'
  /** How many of its nearest references to name of each query besides, by the same scores: at least 1, or all. Default: none. */
  readonly neighbours?: number | 'all'
}

/** Where the matches of consecutive queries stand among all references. */
export interface RankTile {
  /** Row of the first query of this tile. */
  readonly firstRow: number
  /** Queries in this tile. */
  readonly rowCount: number
  /** How deep was looked. */
  readonly k: number
  /** Where the ranks of each query begin in `ranks`, and after the last one their number: int32 [rowCount + 1]. */
  readonly offsets: Int32Array
  /** Ranks of the matches from 1, ascending, of one query after the other. */
  readonly ranks: Int32Array
  /** The nearest references of the same queries, where the request wants `neighbours`. */
  readonly nearest?: NeighbourTile
}

/** A search whose memory is to be known before it runs. */
export interface PlanRequest {
  readonly queries: number
  /** How deep is looked. Default 0. */
  readonly k?: number | 'all'
  /** Whether {@link NeighbourIndex.rank} is meant, without neighbours, in place of {@link NeighbourIndex.search}. Default false. */
  readonly ranks?: boolean
}

/** What a search will take, known before it runs. */
export interface MemoryPlan {
  /** Queries that are compared at once. */
  readonly tileRows: number
  /** Tiles in all. */
  readonly tiles: number
  /** Bytes of the references, on the host and on the device. */
  readonly referenceBytes: number
  /** Bytes of the largest tile, with what comes out of it. */
  readonly tileBytes: number
  /** The whole in a line. */
  readonly text: string
}

/**
 * References, and a search for those nearest to a query. Ids are given by {@link add}, from 0 on, and stay what they are when
 * others are removed. Of references that are equally near, the one that was added first comes first.
 *
 * An `AccuracyCalculator` takes any.
 */
export interface NeighbourIndex {
  /** Width of the embeddings; `undefined` while nothing was added. */
  readonly dim: number | undefined
  /** References there are. */
  readonly size: number
  /** Ids of the references, in the order in which they were added: int32 [size]. */
  readonly ids: Int32Array

  /**
   * Adds references, which are copied.
   *
   * @param embeddings [n, dim], as float32
   * @returns their ids: int32 [n], consecutive; an id is never given twice, but by {@link load}.
   * @throws {ShapeError} when they are no matrix, have no rows, or are not as wide as the others.
   * @throws {DataError} when a number is not finite; nothing is added then.
   */
  add(embeddings: EmbeddingMatrix): Promise<Int32Array>

  /**
   * Removes references.
   *
   * @throws {DataError} when there is none of an id, or it is named twice; nothing is removed then.
   */
  remove(ids: ArrayLike<number>): Promise<void>

  /**
   * The nearest neighbours, tile by tile, in the order of the queries, all of them. References that are added or removed meanwhile
   * do not count, nor does what is written to the queries once the first tile was asked for. Between two tiles the event loop has a turn.
   *
   * @throws {StateError} when there are no references.
   * @throws {OptionError} when k is neither a positive integer nor `'all'`.
   * @throws {ShapeError} when queries are no matrix as wide as the references, or `ids` or a mask has another length.
   * @throws {DataError} when a number is not finite, or there is no reference of an id.
   */
  search(request: NeighbourRequest): AsyncIterable<NeighbourTile>

  /**
   * Where matches stand, in place of neighbours, tile by tile. Optional: who wants to know the ranks of a few references need not
   * have all of them sorted then. Errors as in {@link search}.
   */
  rank?(request: MatchRequest): AsyncIterable<RankTile>

  /** What a search of so many queries will take. Optional. */
  plan?(request: PlanRequest): MemoryPlan

  /**
   * Writes the references with their ids to a file, which replaces an older one at once or not at all.
   *
   * @throws {DataError} when it can't be written.
   * @throws {StateError} when there are no references.
   */
  save(path: string): Promise<void>

  /**
   * Takes the references of a file that {@link save} of the same kind wrote, in place of its own. The neighbours are those of the
   * index that was saved.
   *
   * @throws {DataError} when the file can't be read, or is none of an index; nothing is changed then.
   * @throws {StateError} when the index of the file ranks by another distance.
   */
  load(path: string): Promise<void>

  /** Frees what is on the device. The next search brings it there again. */
  dispose(): void
}
