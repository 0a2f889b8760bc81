import type { EmbeddingMatrix } from './embeddings.js'

/** What to look up, and among what. */
export interface KnnRequest {
  /** float32 [n, dim] */
  readonly query: EmbeddingMatrix
  /** float32 [m, dim]. Left out: the queries themselves. */
  readonly reference?: EmbeddingMatrix
  /** Neighbours a query, at least 1. More than there are is cut to what exists. */
  readonly k: number
  /**
   * True when row i of the references *is* query i for all n queries, so that it is no neighbour of its own.
   * Default: true without `reference`, false with it.
   */
  readonly refIncludesQuery?: boolean
}

/** The neighbours of consecutive queries, nearest first. */
export interface NeighbourTile {
  /** Row of the first query of this tile. */
  readonly firstRow: number
  /** Queries in this tile. */
  readonly rowCount: number
  /** Neighbours a query. */
  readonly k: number
  /** Rows of the references: [rowCount, k]. */
  readonly indices: Int32Array
  /** How far they are, or how similar: [rowCount, k]. */
  readonly distances: Float32Array
}

/** The neighbours of all queries: one tile from row 0 on. */
export type Neighbours = Omit<NeighbourTile, 'firstRow'>

/** How near all references are to consecutive queries. */
export interface ScoreTile {
  /** Row of the first query of this tile. */
  readonly firstRow: number
  /** Queries in this tile. */
  readonly rowCount: number
  /** Larger = nearer, a query's own row included: [rowCount, m]. */
  readonly scores: Float32Array
}

/** A search for nearest neighbours. An `AccuracyCalculator` takes any. */
export interface Knn {
  /** Neighbours tile by tile, in the order of the queries, all of them. Each tile has the same k. */
  tiles(request: KnnRequest): AsyncIterable<NeighbourTile>
  /**
   * Scores in place of neighbours, tile by tile, in the order of the queries. Optional; who wants to know where a few
   * references stand among all need not have all of them sorted then.
   */
  scoreTiles?(request: Omit<KnnRequest, 'k'>): AsyncIterable<ScoreTile>
}
