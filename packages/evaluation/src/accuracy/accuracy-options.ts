import type { EmbeddingMatrix, MetricDescription, NeighbourIndex, ReferenceMask } from '@metric-learning/contracts'
import type { Clustering } from '../clustering/clustering.js'
import type { Metric } from '../metrics/metric.js'
import type { MetricName, Metrics } from '../metrics/metric-name.js'
import type { BootstrapOptions, ConfidenceInterval } from './bootstrap.js'
import type { EvaluationLabels, LabelValue } from './evaluation-labels.js'
import type { NeighbourCount } from './ranking-depth.js'

/** `Name`, and no place that it is inferred from: as `NoInfer` of TypeScript 5.4, in what consumers of TypeScript 5.0 compile, too. */
type Known<Name> = [Name][Name extends unknown ? 0 : never]

export interface AccuracyCalculatorOptions<Own extends string = never, Label extends LabelValue = number> {
  /** Metrics besides the seven: those that are exported here, such as `recallAtK(10)`, or your own. Default: none. */
  readonly metrics?: readonly Metric<Own>[]
  /** Metrics to compute, by name. Default: all. */
  readonly include?: readonly (MetricName | Known<Own>)[]
  /** Metrics to leave out, even if included. Default: none. */
  readonly exclude?: readonly (MetricName | Known<Own>)[]
  /** Averages per class first, then over classes, so that small classes count as much as large ones; a class is one row of labels, also with a comparison. Default false. */
  readonly avgOfAvgs?: boolean
  /** Gives metrics of queries per class besides; a class is one row of labels, also with a comparison. Not together with `avgOfAvgs`. Default false. */
  readonly returnPerClass?: boolean
  /** Gives a confidence interval beside each metric of queries. Default: none. `{}` takes 1000 resamples and 95 %. */
  readonly bootstrap?: BootstrapOptions
  /**
   * Neighbours that are looked up where a metric looks at all of them, or at all matches: a number; `'max_bin_count'` = as many as the query
   * with most matches has, enough for all of the seven but MAP and MRR; left out = all.
   */
  readonly k?: NeighbourCount
  /**
   * When a reference is what a query looks for, by the labels of both. Default: equal labels, or with `multiLabel` a label that both have.
   * With it, metrics of clusters must be excluded.
   */
  readonly labelComparison?: (query: readonly Label[], reference: readonly Label[]) => boolean
  /** Each sample has a set of labels: rows of any length, also empty ones. Metrics of clusters must be excluded then. Default false. */
  readonly multiLabel?: boolean
  /**
   * Makes an empty index, once for each evaluation, which disposes it. Default `() => new ExactNeighbourIndex()`: the squared Euclidean
   * distance of the embeddings as they are.
   */
  readonly createIndex?: () => NeighbourIndex
  /** Default `new KMeans({ seed })`. */
  readonly kmeans?: Clustering
  /** Seed of the default k-means, and of the bootstrap. Default 0. */
  readonly seed?: number
}

/**
 * What an `AccuracyCalculator` is to judge, and by which of its metrics. Embeddings and labels are not copied, since they may be large: not to be
 * written to before the result is there.
 */
export interface AccuracyRequest<Own extends string = never> {
  /** [n, dim]: numbers of any kind, which become float32. */
  readonly query: EmbeddingMatrix
  /** n labels. */
  readonly queryLabels: EvaluationLabels
  /** Where neighbours are looked up: [m, dim]. Left out: among the queries, each without itself. */
  readonly reference?: EmbeddingMatrix
  /** m labels; goes with `reference`. */
  readonly referenceLabels?: EvaluationLabels
  /** The first n references are the queries, in order; a query is no neighbour of itself. Default false with `reference`. */
  readonly refIncludesQuery?: boolean
  /**
   * Which references a query must not find, neither as a match nor as a mistake: for the row of a query a mask over the m references, 1 or
   * `true` for each that is left out, or `undefined` for none. It is asked more than once. Default: none.
   *
   * @example // Re-identification: a person as the same camera saw it.
   * excludeReferences: (query) => Uint8Array.from(person, (_, row) => Number(person[row] === person[query] && camera[row] === camera[query]))
   */
  readonly excludeReferences?: (query: number) => ReferenceMask | undefined
  /** Of the calculator's metrics, those to compute this time. Default: all. */
  readonly include?: readonly (MetricName | Own)[]
  /** Of the calculator's metrics, those to leave out this time. Default: none. */
  readonly exclude?: readonly (MetricName | Own)[]
  /** Told after each tile how many queries are ranked, of how many. */
  readonly onProgress?: (done: number, total: number) => void
}

/** Metrics of queries, of each class. */
export interface ClassAccuracies<Own extends string = never> {
  /**
   * Labels of each class, ascending. Classes whose queries all lack a match are missing, unless all lack one: then
   * every class is listed, with null.
   */
  readonly labels: readonly (readonly LabelValue[])[]
  /** For each metric one number a class; null where there is no value. */
  readonly metrics: Partial<Readonly<Record<MetricName | Own, readonly (number | null)[]>>>
}

/** What an `AccuracyCalculator` found. */
export interface Accuracy<Own extends string = never> {
  /** null where a metric has no value, as where no query has a match. */
  readonly metrics: Metrics<MetricName | Own>
  /** Why metrics are null, a sentence each. */
  readonly reasons: Partial<Readonly<Record<MetricName | Own, string>>>
  /** With `bootstrap`: of each metric of queries that has a value. Metrics of clusters, and those of one pool of distances, have none. */
  readonly intervals?: Partial<Readonly<Record<MetricName | Own, ConfidenceInterval>>>
  /** With `returnPerClass`. */
  readonly perClass?: ClassAccuracies<Own>
  /**
   * Metrics that say nothing of how embeddings lie, with the reason: those that would be what they are whatever the embeddings were, as
   * where there is one class, and all where all embeddings are one point, to 1e-6 of their largest number. No results.
   */
  readonly certain: Partial<Readonly<Record<MetricName | Own, string>>>
  /** Queries without a match among the references; all but metrics of clusters leave them out. */
  readonly loneQueries: number
  /** What the caller should know before trusting the numbers; empty as a rule. */
  readonly warnings: readonly string[]
}

/** How metrics are called, by name. */
export type MetricDescriptions<Name extends string> = Readonly<Record<Name, MetricDescription>>
