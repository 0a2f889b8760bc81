import { expectKnownOptions, expectNumber, OptionError, type NeighbourIndex, type RankTile } from '@metric-learning/contracts'
import { adjustedMutualInformation } from '../clustering/adjusted-mutual-information.js'
import type { Clustering } from '../clustering/clustering.js'
import { KMeans } from '../clustering/k-means.js'
import { normalizedMutualInformation } from '../clustering/normalized-mutual-information.js'
import { isOnePoint } from '../embeddings/is-one-point.js'
import { ExactNeighbourIndex } from '../neighbours/exact-neighbour-index.js'
import type { Accuracy, AccuracyCalculatorOptions, AccuracyRequest, ClassAccuracies } from './accuracy-options.js'
import { classNumbers } from './class-numbers.js'
import { readEvaluationSets, type EvaluationSets } from './evaluation-sets.js'
import { LabelMatches } from './label-matches.js'
import {
  METRIC_NAMES,
  type ClusteringMetricName,
  type MetricName,
  type RankingMetricName,
} from './metric-name.js'
import { expectNeighbourCount, resolveNeighbourCount } from './neighbour-count.js'
import { rankNeighbours, type QueryRanking } from './rank-neighbours.js'
import { RankingSums, type ClassMeans } from './ranking-sums.js'
import { selectMetrics } from './select-metrics.js'

const OPTIONS = ['include', 'exclude', 'avgOfAvgs', 'returnPerClass', 'k', 'labelComparison', 'createIndex', 'kmeans', 'seed']

const CLUSTERING_METRICS: Readonly<Record<ClusteringMetricName, (a: Int32Array, b: Int32Array) => number>> = {
  AMI: adjustedMutualInformation,
  NMI: normalizedMutualInformation,
}

const isClusteringMetric = (name: MetricName): name is ClusteringMetricName => name in CLUSTERING_METRICS
const isRankingMetric = (name: MetricName): name is RankingMetricName => !isClusteringMetric(name)

/** Those that look no deeper than a query has matches. */
const WITHIN_MATCHES: readonly RankingMetricName[] = ['precisionAt1', 'rPrecision', 'meanAveragePrecisionAtR']

/**
 * How good embeddings are: do the neighbours of a query have its label, do clusters agree with the classes?
 *
 * - `precisionAt1`, `rPrecision`, `meanAveragePrecision`, `meanAveragePrecisionAtR`, `meanReciprocalRank`: means over
 *   queries of what their nearest references are; a query without any match is left out and counted;
 * - `AMI`, `NMI`: adjusted and normalised mutual information between the labels and the k-means clusters of the
 *   queries, with as many clusters as there are classes.
 *
 * What cannot fail is no result: where all references match, as where there is one class, metrics are perfect whatever the
 * embeddings are; and where all embeddings are one point, as after a run that diverged, rankings are the order of the rows. Such
 * metrics are given, as in PyTorch Metric Learning, named in `certain`, and a warning says so.
 *
 * Ranks are read tile by tile and never kept, so that all neighbours of 120,000 queries fit.
 *
 * @throws {OptionError} when an option is unknown, out of range, or does not go with another.
 * @see Musgrave, Belongie, Lim, A Metric Learning Reality Check, arXiv:2003.08505 (R-precision, MAP@R).
 * @example
 * const { metrics } = await new AccuracyCalculator({ k: 'max_bin_count' }).getAccuracy({ query, queryLabels })
 */
export class AccuracyCalculator {
  /** The metrics it computes. */
  readonly metricNames: readonly MetricName[]
  readonly #options: AccuracyCalculatorOptions
  readonly #createIndex: () => NeighbourIndex
  readonly #kmeans: Clustering

  constructor(options: AccuracyCalculatorOptions = {}) {
    expectKnownOptions('AccuracyCalculator', options, OPTIONS)
    expectNeighbourCount(options.k)
    expectNumber('AccuracyCalculator', 'seed', options.seed ?? 0, { integer: true })
    this.metricNames = selectMetrics(METRIC_NAMES, options)
    expectCompatible(options, this.metricNames)
    this.#options = options
    this.#createIndex = options.createIndex ?? (() => new ExactNeighbourIndex())
    this.#kmeans = options.kmeans ?? new KMeans({ seed: options.seed ?? 0 })
  }

  /**
   * Computes the metrics.
   *
   * @throws {ShapeError} when embeddings are no matrices of one width.
   * @throws {LabelError} when labels are missing, no integers, or not one for each row.
   * @throws {DataError} when embeddings are not finite, or references that include the queries do not begin with them.
   * @throws {OptionError} when `include` or `exclude` name a metric that this calculator does not have.
   */
  async getAccuracy(request: AccuracyRequest): Promise<Accuracy> {
    const names = selectMetrics(this.metricNames, request)
    const sets = await readEvaluationSets(request)
    const ranking = await this.#judgeRankings(names.filter(isRankingMetric), sets, request.onProgress)
    const clustering = await this.#judgeClusters(names.filter(isClusteringMetric), sets)
    const collapsed = isOnePoint(sets.query.matrix, ...(sets.reference === sets.query ? [] : [sets.reference.matrix]))
    return {
      ...ranking,
      metrics: { ...clustering.metrics, ...ranking.metrics },
      certain: collapsed ? names : [...clustering.certain, ...ranking.certain],
      warnings: [...(collapsed ? [COLLAPSED] : []), ...ranking.warnings, ...clustering.warnings],
    }
  }

  async #judgeRankings(names: readonly RankingMetricName[], sets: EvaluationSets, onProgress: AccuracyRequest['onProgress']): Promise<Accuracy> {
    if (names.length === 0) return { metrics: {}, certain: [], loneQueries: 0, warnings: [] }
    const { avgOfAvgs = false, returnPerClass = false, labelComparison: comparison } = this.#options
    const { query, reference, refIncludesQuery } = sets
    const labels = new LabelMatches({ query: query.labels, reference: reference.labels, comparison, refIncludesQuery })
    const lone = labels.queryClasses.reduce((count, one) => count + (labels.matchCounts[one] === 0 ? 1 : 0), 0)
    const available = reference.rows - (refIncludesQuery ? 1 : 0)
    const certain = labels.queryClasses.reduce((count, one) => count + (isCertain(labels.matchCounts[one]!, available) ? 1 : 0), 0)
    const mostMatches = labels.matchCounts.reduce((most, count) => Math.max(most, count), 0)
    const { k, warnings } = resolveNeighbourCount(this.#options.k, {
      available,
      mostMatches,
      needsAllMatches: names.includes('rPrecision') || names.includes('meanAveragePrecisionAtR'),
    })

    const sums = new RankingSums(names, labels)
    if (lone < query.rows) {
      const depth = names.every((name) => WITHIN_MATCHES.includes(name)) ? Math.min(k, mostMatches) : k
      for await (const { query: row, ranking } of this.#rank(sets, labels, depth, onProgress)) sums.add(row, ranking)
    }
    const perClass = returnPerClass ? sums.classMeans() : undefined
    return {
      metrics: avgOfAvgs ? sums.meansOfClassMeans() : sums.means(),
      ...(perClass && { perClass: named(perClass, labels) }),
      certain: certain > 0 && certain === query.rows - lone ? names : [],
      loneQueries: lone,
      warnings: [...loneWarning(lone, query.rows), ...certainWarning(certain, query.rows - lone), ...warnings],
    }
  }

  /** The ranking of each query that has a match. Neighbours are not sorted if the index can do without. */
  async *#rank(sets: EvaluationSets, labels: LabelMatches, k: number, onProgress: AccuracyRequest['onProgress']): AsyncGenerator<QueryRanking> {
    const { query, reference, refIncludesQuery } = sets
    const index = this.#createIndex()
    try {
      await index.add(reference.matrix)
      const queries = {
        ...(reference !== query && { query: query.matrix }),
        ...(refIncludesQuery && { ids: Int32Array.from({ length: query.rows }, (_, row) => row) }),
        ...(onProgress && { onProgress }),
      }
      if (index.rank) {
        const matchingClasses = (row: number) => labels.matching(labels.queryClasses[row]!)
        for await (const tile of index.rank({ ...queries, k, referenceClasses: labels.referenceClasses, matchingClasses })) {
          yield* rankingsOf(tile, labels)
        }
      } else {
        for await (const tile of index.search({ ...queries, k })) yield* rankNeighbours(tile, labels)
      }
    } finally {
      index.dispose()
    }
  }

  async #judgeClusters(names: readonly ClusteringMetricName[], { query }: EvaluationSets): Promise<Pick<Accuracy, 'metrics' | 'certain' | 'warnings'>> {
    if (names.length === 0) return { metrics: {}, certain: [], warnings: [] }
    const classes = classNumbers(query.labels)
    const labels = Int32Array.from(query.labels, (row) => classes.numberOf(row))
    const clusters = await this.#kmeans.cluster(query.matrix, classes.rows.length)
    const isCertain = classes.rows.length < 2
    return {
      metrics: Object.fromEntries(names.map((name) => [name, CLUSTERING_METRICS[name](labels, clusters)])),
      certain: isCertain ? names : [],
      warnings: isCertain ? [`All queries are of one class: ${names.join(' and ')} cannot fail.`] : [],
    }
  }
}

/** The rankings of those that have a match. */
function* rankingsOf({ firstRow, rowCount, k, offsets, ranks }: RankTile, labels: LabelMatches): Generator<QueryRanking> {
  for (let row = 0; row < rowCount; row++) {
    const matchCount = labels.matchCounts[labels.queryClasses[firstRow + row]!]!
    if (matchCount === 0) continue
    yield { query: firstRow + row, ranking: { matchRanks: ranks.subarray(offsets[row], offsets[row + 1]), matchCount, k } }
  }
}

const named = ({ classes, means }: ClassMeans, labels: LabelMatches): ClassAccuracies => ({
  labels: classes.map((one) => labels.classes[one]!),
  metrics: means,
})

function expectCompatible(options: AccuracyCalculatorOptions, names: readonly MetricName[]): void {
  const { avgOfAvgs, returnPerClass, labelComparison } = options
  if (avgOfAvgs && returnPerClass) {
    throw new OptionError({
      who: 'AccuracyCalculator',
      wanted: '`avgOfAvgs` or `returnPerClass`',
      got: 'both',
      fix: 'Leave one out; the mean of what `returnPerClass` gives is what `avgOfAvgs` gives.',
    })
  }
  if (labelComparison && names.some(isClusteringMetric)) {
    throw new OptionError({
      who: 'AccuracyCalculator',
      wanted: 'no AMI and NMI with `labelComparison`, since clusters know equal labels only',
      got: names.filter(isClusteringMetric).join(' and '),
      fix: "Pass `exclude: ['AMI', 'NMI']`.",
    })
  }
}

const COLLAPSED = 'All embeddings are one point: rankings are the order of the rows, and no metric says anything. Training may have diverged.'

/** Whether all references match a query, so that any ranking is perfect. */
const isCertain = (matches: number, available: number) => matches > 0 && matches === available

/** @param judged queries with a match */
function certainWarning(certain: number, judged: number): string[] {
  if (certain === 0) return []
  if (certain === judged) return ['All references match: ranking metrics cannot fail.']
  return [`${certain} of ${judged} queries match all references: for them ranking metrics are 1, whatever the embeddings.`]
}

function loneWarning(lone: number, queries: number): string[] {
  if (lone === 0) return []
  if (lone === queries) return ['No query has a match among the references: ranking metrics are NaN.']
  return [`${lone} of ${queries} queries have no match among the references and are left out of ranking metrics.`]
}
