import type { Embeddings, MetricDescription } from '@metric-learning/contracts'

/** Where the matches of one query stand among its nearest references. */
export interface Ranking {
  /** Row of the query. */
  readonly query: number
  /** Ranks of the matches that are among the k nearest, from 1, ascending. Valid until the next query. */
  readonly matchRanks: Int32Array
  /** R: matches there are among all references, the query itself not counted; at least 1. */
  readonly matchCount: number
  /** References that the query may find, at least R: all but itself and those that are left out. */
  readonly available: number
  /** How deep this metric looks. */
  readonly k: number
}

/** The same with the nearest references themselves. Valid until the next query. */
export interface RankedNeighbours extends Ranking {
  /** Rows of the k nearest references, nearest first; fewer where fewer are available. */
  readonly rows: Int32Array
  /** How far they are, or how similar: what the index ranks by. */
  readonly distances: Float64Array
  /** Number of the class of each: references with equal labels are of one class. */
  readonly classes: Int32Array
  /** 1 for each that matches. */
  readonly isMatch: Uint8Array
}

/** Embeddings with the class of each row. */
export interface ClassedEmbeddings extends Embeddings {
  /** Numbers from 0, of queries and references together: int32 [rows]. */
  readonly classes: Int32Array
}

/** All that is compared. */
export interface ComparedSets {
  readonly query: ClassedEmbeddings
  readonly reference: ClassedEmbeddings
  /** The first references are the queries, in order: a query is no reference of itself. */
  readonly refIncludesQuery: boolean
  /** Whether references are left out for some queries (`excludeReferences`). */
  readonly hasExclusions: boolean
  /** Whether references of this class match the query. */
  matches(query: number, referenceClass: number): boolean
}

/** Why a metric has no value, as a sentence. */
export interface NoValue {
  readonly reason: string
}

/** What every metric says of itself. What is left out: `label` is the name, `title` and `meaning` are empty, larger is better, and it is not in percent. */
export interface NamedMetric<Name extends string = string> extends Partial<MetricDescription> {
  /** By which it is included, watched and logged: `recallAt10`. */
  readonly name: Name
}

/** Judges ranks: the mean over all queries that have a match. */
export interface RankMetric<Name extends string = string> extends NamedMetric<Name> {
  readonly judges: 'ranks'
  /**
   * How deep it looks: a number of neighbours; `'matches'` = as many as the query with most matches has; `'all'`. The last two are cut
   * to the calculator's `k`. Default `'all'`. The less, the faster.
   */
  readonly depth?: number | 'matches' | 'all'
  compute(ranking: Ranking): number
}

/** Judges the nearest references themselves, their classes or distances: the mean over all queries that have a match. */
export interface NeighbourMetric<Name extends string = string> extends NamedMetric<Name> {
  readonly judges: 'neighbours'
  /** How many of each query. All of them have to be sorted. */
  readonly neighbours: number | 'all'
  compute(neighbours: RankedNeighbours): number
}

/** Judges the distances of all queries in one pool, such as by one threshold. */
export interface PooledMetric<Name extends string = string> extends NamedMetric<Name> {
  readonly judges: 'pool'
  /** As of a {@link NeighbourMetric}. */
  readonly neighbours: number | 'all'
  /** A new pool for each evaluation. */
  pool(): NeighbourPool
}

/** What a {@link PooledMetric} gathers of one evaluation. */
export interface NeighbourPool {
  /** Is given each query that has a match, once, in the order of rows. */
  add(neighbours: RankedNeighbours): void
  /** The metric, once all queries were given. */
  value(): number | NoValue
}

/** Judges the embeddings themselves: the mean, over all queries that have a match, of a number a query. */
export interface EmbeddingMetric<Name extends string = string> extends NamedMetric<Name> {
  readonly judges: 'embeddings'
  /** @returns a number for each query; those of queries without a match are not read. */
  compute(sets: ComparedSets): Promise<ArrayLike<number> | NoValue>
}

/** Judges how clusters of the queries agree with their classes. */
export interface ClusteringMetric<Name extends string = string> extends NamedMetric<Name> {
  readonly judges: 'clusters'
  /**
   * @param classes number of the class of each query, from 0
   * @param clusters its cluster
   */
  compute(classes: Int32Array, clusters: Int32Array): number
}

/** A metric: a plain object with a name that judges rankings, embeddings or clusters. An `AccuracyCalculator` takes any, in `metrics`. */
export type Metric<Name extends string = string> =
  | RankMetric<Name>
  | NeighbourMetric<Name>
  | PooledMetric<Name>
  | EmbeddingMetric<Name>
  | ClusteringMetric<Name>

/** How a metric is called, filled in. */
export const descriptionOf = ({ name, label = name, title = '', meaning = '', better = 'larger', inPercent = false }: NamedMetric): MetricDescription => ({
  label,
  title,
  meaning,
  better,
  inPercent,
})
