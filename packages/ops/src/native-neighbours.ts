import * as tf from '@tensorflow/tfjs-core'

/** References of a native search, held while it is. */
export interface NativeReferences {
  readonly brand: 'NativeReferences'
}
/** Other embeddings as queries of a native search. */
export interface NativeQueries {
  readonly brand: 'NativeQueries'
}
/** A native search for nearest references that is under way. */
export interface NativeNearest {
  readonly brand: 'NativeNearest'
}
/** A native search for ranks, with the memory that it uses again. */
export interface NativeRanks {
  readonly brand: 'NativeRanks'
}

/** Queries of a native search. Arrays are looked at, not copied: they must stay as they are while the search is used. */
export interface NativeAsked {
  readonly references: NativeReferences
  /** Left out: the references. */
  readonly queries?: NativeQueries
  /** The reference that each query is, for all rows of the queries; -1 for none. Left out: none. */
  readonly itself?: Int32Array
  /** The first query, and how many. */
  readonly first: number
  readonly count: number
}

/**
 * Embeddings compared by compiled code on all cores, in threads of its own: what a backend may bring along. Scores are -‖q - r‖² or q · r, larger =
 * nearer; all decisions are those of float64, of equals the lower row comes first, and nothing depends on the number of threads.
 */
export interface NativeNeighbours {
  /**
   * @param of.values float32 [rows, dim]
   * @param of.inverseNorms what each row is multiplied by first: float64 [rows]. Left out: 1
   * @param of.centre near the mean of the rows: float64 [dim]
   * @param of.scale by which rows less the centre have norms about 1
   * @param of.isSquared whether scores are -‖q - r‖², else q · r
   */
  references(of: {
    readonly values: Float32Array
    readonly inverseNorms?: Float64Array
    readonly centre: Float64Array
    readonly scale: number
    readonly isSquared: boolean
    readonly threads: number
  }): NativeReferences
  /** Embeddings as wide as the references. */
  queries(of: { readonly references: NativeReferences; readonly values: Float32Array; readonly inverseNorms?: Float64Array; readonly threads: number }): NativeQueries
  /**
   * Begins a search for the k nearest references of each query. It is done in `steps`, all of which have to be run, each once. Where all references are the
   * queries, each pair is compared once. Memory is that of k + max(k, 48) candidates of 16 bytes a query.
   *
   * @returns `isInRange` is false where queries are so far off (10^15 times as far as references are) that it must not be run
   */
  nearest(asked: NativeAsked & { readonly k: number }): { readonly search: NativeNearest; readonly steps: number; readonly isInRange: boolean }
  /** Runs some steps. */
  runNearest(run: { readonly search: NativeNearest; readonly from: number; readonly to: number; readonly threads: number }): Promise<void>
  /** What was found, nearest first: rows of references int32 [count, k], -1 where there are fewer, and if they are wanted exact scores float64 [count, k]. */
  finishNearest(finish: { readonly search: NativeNearest; readonly scores: boolean; readonly threads: number }): Promise<{ readonly rows: Int32Array; readonly scores?: Float64Array }>
  /**
   * A search for ranks of matches among the k nearest references.
   *
   * @param of.classOf class of each reference, in [0, classes)
   * @param of.blockRows queries that a thread scores at once, 96 at most: 4 bytes for each of them and each reference
   */
  ranks(of: { readonly references: NativeReferences; readonly classOf: Int32Array; readonly classes: number; readonly k: number; readonly blockRows: number }): NativeRanks
  /**
   * Ranks from 1, ascending, of one query after the other; `offsets` says where each begins, as in what is given: classes that match query i are
   * `matching` from `offsets[i]` to `offsets[i + 1]`. One call at a time.
   */
  runRanks(
    asked: NativeAsked & { readonly search: NativeRanks; readonly offsets: Int32Array; readonly matching: Int32Array; readonly threads: number },
  ): Promise<{ readonly offsets: Int32Array; readonly ranks: Int32Array }>
  /** For each row of points, float32 [n, dim], the first of the rows of directions, float32 [k, dim], whose product with it is largest, by float32. */
  nearestRows(of: {
    readonly points: Float32Array
    readonly directions: Float32Array
    readonly dim: number
    readonly threads: number
  }): Promise<{ readonly rows: Int32Array; readonly products: Float32Array }>
  /**
   * Rows less their mean, in a scale in which the longest has norm 1, and with a 1 behind.
   *
   * @param of.values float32 [n, dim]
   * @returns points float32 [n, dim + 1], and their squared norms without the 1: float64 [n]
   */
  readyRows(of: { readonly values: Float32Array; readonly dim: number; readonly threads: number }): Promise<{ readonly points: Float32Array; readonly norms: Float64Array }>
  /**
   * Lloyd's rounds of k-means; nothing else may look at the centroids before they are done.
   *
   * @param of.points [x, 1] of each: float32 [n, dim]
   * @param of.centroids [c, 1] of each, which are moved in place: float32 [k, dim], k at most n
   * @param of.iterations rounds at most
   * @param of.exchanges in how many of them, the first ones, clusters are split and merged where that lowers the inertia
   * @returns the cluster of each point: int32 [n]
   */
  lloyd(of: {
    readonly points: Float32Array
    readonly centroids: Float32Array
    readonly dim: number
    readonly iterations: number
    readonly exchanges: number
    readonly threads: number
  }): Promise<Int32Array>
}

/** Where a backend puts them among its kernels. */
export interface NativeNeighboursConfig extends tf.KernelConfig {
  readonly kernelName: typeof NATIVE_NEIGHBOURS
  readonly neighbours: NativeNeighbours
  /** Whether the backend computes on the cores that they work on; products are faster on a GPU. */
  readonly onSameCores: boolean
}

/** The name under which a backend registers its {@link NativeNeighboursConfig}. */
export const NATIVE_NEIGHBOURS = 'MetricLearningNativeNeighbours'

/** Those of the backend in use; `undefined` when it has none. */
export function nativeNeighbours(): Pick<NativeNeighboursConfig, 'neighbours' | 'onSameCores'> | undefined {
  return tf.getKernel(NATIVE_NEIGHBOURS, tf.getBackend()) as NativeNeighboursConfig | undefined
}
