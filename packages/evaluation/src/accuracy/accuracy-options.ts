import type { Clustering } from '../clustering/clustering.js'
import type { EmbeddingMatrix, LabelComparison, LabelRow, NeighbourIndex } from '@metric-learning/contracts'
import type { EvaluationLabels } from './evaluation-labels.js'
import type { MetricName, Metrics, RankingMetricName } from './metric-name.js'
import type { NeighbourCount } from './neighbour-count.js'

export interface AccuracyCalculatorOptions {
  /** Metrics to compute. Default: all. */
  readonly include?: readonly MetricName[]
  /** Metrics to leave out, even if included. Default: none. */
  readonly exclude?: readonly MetricName[]
  /** Averages per class first, then over classes, so that small classes count as much as large ones. Default false. */
  readonly avgOfAvgs?: boolean
  /** Gives ranking metrics per class besides. Not together with `avgOfAvgs`. Default false. */
  readonly returnPerClass?: boolean
  /**
   * Neighbours that are looked up: a number; `'max_bin_count'` = as many as the query with most matches has, enough
   * for all but MAP and MRR; left out = all.
   */
  readonly k?: NeighbourCount
  /** When a reference is what a query looks for. Default: equal labels. With it, AMI and NMI must be excluded. */
  readonly labelComparison?: LabelComparison
  /**
   * Makes an empty index, once for each evaluation, which disposes it. Default `() => new ExactNeighbourIndex()`: the squared Euclidean
   * distance of the embeddings as they are.
   */
  readonly createIndex?: () => NeighbourIndex
  /** Default `new KMeans({ seed })`. */
  readonly kmeans?: Clustering
  /** Seed of the default k-means. Default 0. */
  readonly seed?: number
}

export interface AccuracyRequest {
  /** float32 [n, dim] */
  readonly query: EmbeddingMatrix
  /** n labels. */
  readonly queryLabels: EvaluationLabels
  /** Where neighbours are looked up: float32 [m, dim]. Left out: among the queries, each without itself. */
  readonly reference?: EmbeddingMatrix
  /** m labels; goes with `reference`. */
  readonly referenceLabels?: EvaluationLabels
  /** The first n references are the queries, in order; a query is no neighbour of itself. Default false with `reference`. */
  readonly refIncludesQuery?: boolean
  /** Of the calculator's metrics, those to compute this time. Default: all. */
  readonly include?: readonly MetricName[]
  /** Of the calculator's metrics, those to leave out this time. Default: none. */
  readonly exclude?: readonly MetricName[]
  /** Told after each tile how many queries are ranked, of how many. */
  readonly onProgress?: (done: number, total: number) => void
}

/** Ranking metrics of each class. */
export interface ClassAccuracies {
  /**
   * Labels of each class, ascending. Classes whose queries all lack a match are missing, unless all lack one: then
   * every class is listed, with NaN.
   */
  readonly labels: readonly LabelRow[]
  /** For each metric one number a class. */
  readonly metrics: Partial<Readonly<Record<RankingMetricName, readonly number[]>>>
}

/** What an `AccuracyCalculator` found. */
export interface Accuracy {
  /** Ranking metrics are NaN when no query has a match. */
  readonly metrics: Metrics
  /** With `returnPerClass`. */
  readonly perClass?: ClassAccuracies
  /**
   * Metrics that say nothing of how embeddings lie: those that would be what they are whatever the embeddings were, as where there is
   * one class, and all where all embeddings are one point, to 1e-6 of their largest number. No results.
   */
  readonly certain: readonly MetricName[]
  /** Queries without a match among the references; ranking metrics leave them out. */
  readonly loneQueries: number
  /** What the caller should know before trusting the numbers; empty as a rule. */
  readonly warnings: readonly string[]
}
