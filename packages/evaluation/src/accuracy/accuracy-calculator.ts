import { describeValue, expectKnownOptions, expectMethods, expectNumber, OptionError, type LabelComparison, type LabelRow, type NeighbourIndex } from '@metric-learning/contracts'
import type { Clustering } from '../clustering/clustering.js'
import { KMeans } from '../clustering/k-means.js'
import { isOnePoint } from '../embeddings/is-one-point.js'
import { AMI, NMI } from '../metrics/clustering-metrics.js'
import { expectMetrics } from '../metrics/expect-metrics.js'
import { descriptionOf, type ClusteringMetric, type EmbeddingMetric, type Metric, type NoValue } from '../metrics/metric.js'
import type { MetricName } from '../metrics/metric-name.js'
import { meanAveragePrecision, meanAveragePrecisionAtR, meanReciprocalRank, precisionAt1, rPrecision } from '../metrics/ranking-metrics.js'
import { ExactNeighbourIndex } from '../neighbours/exact-neighbour-index.js'
import type { Accuracy, AccuracyCalculatorOptions, AccuracyRequest, ClassAccuracies, MetricDescriptions } from './accuracy-options.js'
import { bootstrapIntervals, expectBootstrap, type ConfidenceInterval } from './bootstrap.js'
import { classNumbers } from './class-numbers.js'
import type { LabelValue } from './evaluation-labels.js'
import { findThemselves, readEvaluationSets, type EvaluationSets } from './evaluation-sets.js'
import { expectCompatible, expectKinds } from './expect-accuracy-options.js'
import { LabelMatches } from './label-matches.js'
import { QueryAverages } from './query-averages.js'
import { depthOf, depthWarnings, expectNeighbourCount, type SearchedMetric } from './ranking-depth.js'
import { rankingsOf, rankNeighbours, type FoundRanking } from './rank-neighbours.js'
import { SearchedFinding } from './searched-finding.js'
import { selectMetrics } from './select-metrics.js'

const WHO = 'AccuracyCalculator'
const OPTIONS = [
  'metrics',
  'include',
  'exclude',
  'avgOfAvgs',
  'returnPerClass',
  'bootstrap',
  'k',
  'labelComparison',
  'multiLabel',
  'createIndex',
  'kmeans',
  'seed',
]

/** In the order of `METRIC_NAMES`. */
const BUILT_IN: readonly Metric<MetricName>[] = [
  AMI,
  NMI,
  meanAveragePrecision,
  meanAveragePrecisionAtR,
  meanReciprocalRank,
  precisionAt1,
  rPrecision,
]

const isClusteringMetric = (metric: Metric): metric is ClusteringMetric => metric.judges === 'clusters'
const isEmbeddingMetric = (metric: Metric): metric is EmbeddingMetric => metric.judges === 'embeddings'
const isSearchedMetric = (metric: Metric): metric is SearchedMetric => !isClusteringMetric(metric) && !isEmbeddingMetric(metric)

/** What came of a metric. */
interface Finding {
  readonly value: number | NoValue
  /** A number for each query that is judged, of which `value` is an average. */
  readonly ofQueries?: Float64Array
}

type Findings = ReadonlyMap<string, Finding>

interface Judgement {
  readonly findings: Findings
  /** Metrics that cannot fail, with the reason. */
  readonly certain: Readonly<Record<string, string>>
  readonly warnings: readonly string[]
}

interface QueryJudgement extends Judgement {
  readonly loneQueries: number
  readonly perClass?: ClassAccuracies
  readonly intervals?: Partial<Readonly<Record<string, ConfidenceInterval>>>
}

/**
 * How good embeddings are: do the neighbours of a query have its label, do clusters agree with the classes?
 *
 * - `precisionAt1`, `rPrecision`, `meanAveragePrecision`, `meanAveragePrecisionAtR`, `meanReciprocalRank`: means over
 *   queries of what their nearest references are; a query without any match is left out and counted;
 * - `AMI`, `NMI`: adjusted and normalised mutual information between the labels and the k-means clusters of the
 *   queries, with as many clusters as there are classes;
 * - those of `metrics` besides, which are exported here or your own, by the same search.
 *
 * A metric that has no value is null, with the reason in `reasons`. What cannot fail is no result: where all references match, as where
 * there is one class, metrics are perfect whatever the embeddings are; and where all embeddings are one point, as after a run that diverged,
 * rankings are the order of the rows. Such metrics are given, as in PyTorch Metric Learning, named in `certain` with the reason, and a
 * warning says so.
 *
 * With `bootstrap`, each metric that is an average over queries has a confidence interval: queries are drawn with replacement, references are as they
 * are. Of queries that are each other's references it is too narrow for another set of samples: docs/metrics.md.
 * Metrics of clusters have none: a sample that was drawn twice is twice at the same place and always of one cluster, so that clusters of
 * drawn queries agree with the classes better than those of new ones would.
 *
 * Ranks are read tile by tile and never kept, so that all neighbours of 120,000 queries fit, and no deeper than the metrics look that were
 * asked for.
 *
 * @throws {OptionError} when an option is unknown, out of range, or does not go with another.
 * @see docs/metrics.md; Musgrave, Belongie, Lim, A Metric Learning Reality Check, arXiv:2003.08505 (R-precision, MAP@R).
 * @example
 * const { metrics } = await new AccuracyCalculator({ k: 'max_bin_count', metrics: [recallAtK(10)] }).getAccuracy({ query, queryLabels })
 * console.log(metrics.precisionAt1, metrics.recallAt10)
 */
export class AccuracyCalculator<const Own extends string = never, Label extends LabelValue = number> {
  /** The metrics it computes. */
  readonly metricNames: readonly (MetricName | Own)[]
  /** How they are called, and which value is the better one. */
  readonly descriptions: MetricDescriptions<MetricName | Own>
  readonly #metrics: readonly Metric[]
  readonly #options: Pick<AccuracyCalculatorOptions, 'avgOfAvgs' | 'returnPerClass' | 'bootstrap' | 'k' | 'multiLabel'>
  readonly #comparison: ((query: readonly never[], reference: readonly never[]) => boolean) | undefined
  readonly #createIndex: () => NeighbourIndex
  readonly #kmeans: Clustering
  readonly #seed: number

  constructor(options: AccuracyCalculatorOptions<Own, Label> = {}) {
    expectKnownOptions(WHO, options, OPTIONS)
    const { metrics = [], bootstrap, labelComparison, createIndex, kmeans, seed = 0 } = options
    expectMetrics(metrics)
    expectNeighbourCount(options.k)
    expectNumber(WHO, 'seed', seed, { integer: true })
    if (bootstrap !== undefined) expectBootstrap(bootstrap)
    expectKinds(options)
    const chosen = selectMetrics<Metric<MetricName | Own>>([...BUILT_IN, ...metrics], options)
    expectCompatible(options, chosen)
    this.#metrics = chosen
    this.metricNames = chosen.map(({ name }) => name)
    this.descriptions = Object.fromEntries(chosen.map((metric) => [metric.name, descriptionOf(metric)])) as MetricDescriptions<MetricName | Own>
    this.#options = options
    this.#comparison = labelComparison
    this.#createIndex = createIndex ?? (() => new ExactNeighbourIndex())
    this.#kmeans = kmeans ?? new KMeans({ seed })
    this.#seed = seed
  }

  /**
   * Computes the metrics.
   *
   * @throws {ShapeError} when embeddings are no matrices of one width, have no rows, or a mask has not one number for each reference.
   * @throws {LabelError} when labels are missing, of several kinds, no integers of 32 bits, or not one for each row.
   * @throws {DataError} when embeddings are not finite, or references that include the queries do not begin with them.
   * @throws {OptionError} when the request has something unknown, or `include` or `exclude` name a metric that this calculator does not have.
   */
  async getAccuracy(request: AccuracyRequest<Own>): Promise<Accuracy<Own>> {
    const sets = await readEvaluationSets(request, this.#options.multiLabel ?? false)
    const metrics = selectMetrics(this.#metrics, request)
    const ofQueries = await this.#judgeQueries(metrics.filter((metric) => !isClusteringMetric(metric)), sets, request)
    const ofClusters = await this.#judgeClusters(metrics.filter(isClusteringMetric), sets)
    const { query, reference } = sets
    const isCollapsed = isOnePoint(query.matrix, ...(reference === query ? [] : [reference.matrix]))
    const { perClass, intervals, loneQueries } = ofQueries
    const found = metrics.map(({ name }) => [name, (ofQueries.findings.get(name) ?? ofClusters.findings.get(name))!.value] as const)
    return {
      metrics: Object.fromEntries(found.map(([name, value]) => [name, typeof value === 'number' ? value : null])),
      reasons: Object.fromEntries(found.flatMap(([name, value]) => (typeof value === 'number' ? [] : [[name, value.reason]]))),
      ...(intervals && { intervals }),
      ...(perClass && { perClass }),
      certain: isCollapsed ? ofAll(metrics, COLLAPSED) : { ...ofClusters.certain, ...ofQueries.certain },
      loneQueries,
      warnings: [...(isCollapsed ? [COLLAPSED] : []), ...(!isCollapsed && request.excludeReferences === undefined && findThemselves(sets) ? [SELVES] : []), ...ofQueries.warnings, ...ofClusters.warnings],
    } as Accuracy<string> as Accuracy<Own>
  }

  async #judgeQueries(metrics: readonly Exclude<Metric, ClusteringMetric>[], sets: EvaluationSets, request: AccuracyRequest<Own>): Promise<QueryJudgement> {
    const { avgOfAvgs = false, returnPerClass = false, bootstrap, k, multiLabel = false } = this.#options
    if (metrics.length === 0) return { findings: new Map(), ...(bootstrap && { intervals: {} }), certain: {}, loneQueries: 0, warnings: [] }
    const { query, reference, refIncludesQuery } = sets
    const exclude = request.excludeReferences
    const comparison = this.#comparison && ofRows(this.#comparison, sets)
    const labels = new LabelMatches({ query: query.labels, reference: reference.labels, comparison, areSets: multiLabel, refIncludesQuery, exclude })
    const averages = new QueryAverages(labels)
    const judged = averages.judged.length
    const counts = { available: largest(labels.availableCounts), mostMatches: largest(labels.matchCounts) }
    const certainQueries = averages.judged.reduce((sum, row) => sum + Number(labels.matchCounts[row] === labels.availableCounts[row]), 0)

    const findings = new Map<string, Finding>(metrics.map(({ name }) => [name, { value: { reason: NO_MATCH } }]))
    const settle = (name: string, values: Float64Array) => findings.set(name, averaged(values, averages, avgOfAvgs))
    if (judged > 0) {
      for (const metric of metrics.filter(isEmbeddingMetric)) {
        const found = await metric.compute(comparedSets(sets, labels, exclude !== undefined))
        if (typeof found !== 'object' || (found as unknown) === null) findings.set(metric.name, { value: { reason: `It gave ${String(found)}.` } })
        else if ('reason' in found) findings.set(metric.name, { value: found })
        else settle(metric.name, Float64Array.from(averages.judged, (row) => found[row]!))
      }
      const searched = metrics.filter(isSearchedMetric).map((metric) => new SearchedFinding(metric, depthOf(metric, k, counts), judged))
      if (searched.length > 0) for await (const tile of this.#search(searched, sets, labels, request)) for (const found of tile) for (const one of searched) one.add(found)
      for (const one of searched) {
        if (one.values) settle(one.metric.name, one.values)
        else findings.set(one.metric.name, { value: finite(one.pool!.value(), 'It gave') })
      }
    }
    const ofQueries = new Map([...findings].flatMap(([name, { ofQueries: values }]) => (values ? [[name, values]] : [])))
    return {
      findings,
      ...(bootstrap && { intervals: await bootstrapIntervals(ofQueries, averages, avgOfAvgs, bootstrap, this.#seed) }),
      ...(returnPerClass && { perClass: classAccuracies(metrics, ofQueries, averages, labels, sets) }),
      certain: certainQueries > 0 && certainQueries === judged ? ofAll(metrics, ALL_MATCH) : {},
      loneQueries: query.rows - judged,
      warnings: [
        ...loneWarning(query.rows - judged, query.rows),
        ...certainWarning(certainQueries, judged),
        ...(judged > 0 ? depthWarnings(metrics.filter(isSearchedMetric), k, counts) : []),
      ],
    }
  }

  /** The ranking of each query that has a match, tile by tile, by one search. Neighbours that no metric looks at are not sorted if the index can do without. */
  async *#search(metrics: readonly SearchedFinding[], sets: EvaluationSets, labels: LabelMatches, request: AccuracyRequest<Own>): AsyncGenerator<Iterable<FoundRanking>> {
    const depth = (isOf: (metric: SearchedFinding) => boolean) => metrics.filter(isOf).reduce((most, one) => Math.max(most, one.depth), 0)
    const ranks = depth(({ metric }) => metric.judges === 'ranks')
    const neighbours = depth(({ metric }) => metric.judges !== 'ranks')
    const { query, reference, refIncludesQuery } = sets
    const { excludeReferences: exclude, onProgress } = request
    const queries = {
      ...(reference !== query && { query: query.matrix }),
      ...(refIncludesQuery && { ids: Int32Array.from({ length: query.rows }, (_, row) => row) }),
      ...(exclude && { exclude }),
      ...(onProgress && { onProgress }),
    }
    const index = this.#createIndex()
    expectMethods(WHO, 'createIndex()', index, ['add', 'search', 'dispose'], 'new ExactNeighbourIndex()')
    try {
      expectRows(await index.add(reference.matrix), reference.rows, index.size)
      if (index.rank && ranks > neighbours) {
        const { referenceClasses } = labels
        const matchingClasses = (row: number) => labels.matching(labels.queryClasses[row]!)
        let isRanked = true
        for await (const tile of index.rank({ ...queries, k: ranks, referenceClasses, matchingClasses, ...(neighbours > 0 && { neighbours }) })) {
          isRanked = neighbours === 0 || tile.nearest !== undefined
          if (!isRanked) break
          yield rankingsOf(tile, labels)
        }
        if (isRanked) return
      }
      for await (const tile of index.search({ ...queries, k: Math.max(ranks, neighbours) })) yield rankNeighbours(tile, labels)
    } finally {
      index.dispose()
    }
  }

  async #judgeClusters(metrics: readonly ClusteringMetric[], { query }: EvaluationSets): Promise<Judgement> {
    if (metrics.length === 0) return { findings: new Map(), certain: {}, warnings: [] }
    const numbers = classNumbers(query.labels)
    const classes = Int32Array.from(query.labels, (row) => numbers.numberOf(row))
    const clusters = await this.#kmeans.cluster(query.matrix, numbers.rows.length)
    expectClusters(clusters, query.rows)
    // As many clusters as queries: each is one.
    const reason = numbers.rows.length < 2 ? 'All queries are of one class' : numbers.rows.length === query.rows ? 'Each query is of a class of its own' : undefined
    return {
      findings: new Map(metrics.map((metric) => [metric.name, { value: finite(metric.compute(classes, clusters), 'It gave') }])),
      certain: reason === undefined ? {} : ofAll(metrics, `${reason}.`),
      warnings: reason === undefined ? [] : [`${reason}: ${metrics.map(({ name }) => name).join(' and ')} cannot fail.`],
    }
  }
}

function averaged(ofQueries: Float64Array, averages: QueryAverages, byClass: boolean): Finding {
  const odd = ofQueries.findIndex((value) => !Number.isFinite(value))
  if (odd !== -1) return { value: { reason: `It gave ${ofQueries[odd]} for query ${averages.judged[odd]}.` } }
  return { value: byClass ? averages.meanOfClassMeans(ofQueries) : averages.mean(ofQueries), ofQueries }
}

const finite = (value: number | NoValue, it: string): number | NoValue => {
  if ((typeof value === 'object' && (value as unknown) !== null) || Number.isFinite(value)) return value
  return { reason: `${it} ${String(value)}.` }
}

function classAccuracies(
  metrics: readonly Metric[],
  ofQueries: ReadonlyMap<string, Float64Array>,
  averages: QueryAverages,
  labels: LabelMatches,
  { valuesOf }: EvaluationSets,
): ClassAccuracies {
  const classes = averages.classes.length > 0 ? averages.classes : Array.from(new Set(labels.queryClasses)).sort((a, b) => a - b)
  const means = (values: Float64Array | undefined) => (values ? averages.classMeans(values) : classes.map(() => null))
  return {
    labels: classes.map((one) => valuesOf(labels.classes[one]!)),
    metrics: Object.fromEntries(metrics.filter(({ judges }) => judges !== 'pool').map(({ name }) => [name, means(ofQueries.get(name))])),
  }
}

function comparedSets({ query, reference, refIncludesQuery }: EvaluationSets, labels: LabelMatches, hasExclusions: boolean) {
  return {
    query: { ...query.matrix, classes: labels.queryClasses },
    reference: { ...reference.matrix, classes: labels.referenceClasses },
    refIncludesQuery,
    hasExclusions,
    matches: (row: number, referenceClass: number) => labels.matching(labels.queryClasses[row]!).includes(referenceClass),
  }
}

/** A comparison of labels as one of the rows of integers that stand for them. */
function ofRows(comparison: (query: readonly never[], reference: readonly never[]) => boolean, { valuesOf }: EvaluationSets): LabelComparison {
  const labelsOf = (row: LabelRow) => valuesOf(row) as readonly never[]
  return (query, reference) => {
    const isMatch = comparison(labelsOf(query), labelsOf(reference)) as unknown
    if (typeof isMatch === 'boolean') return isMatch
    // Differences are 0 where labels are equal, and would match the others.
    throw new OptionError({ who: WHO, wanted: '`labelComparison` to give true or false', got: describeValue(isMatch), fix: 'Compare: `(query, reference) => query[0] === reference[0]`.' })
  }
}

/** Neighbours are known by ids, which have to be rows. */
function expectRows(ids: Int32Array, rows: number, size: number): void {
  if (ids[0] === 0 && ids.length === rows && size === rows) return
  throw new OptionError({
    who: WHO,
    wanted: '`createIndex` to make a new and empty index each time',
    got: `one that numbers the first of ${rows} references ${ids[0]}, and has ${size} then`,
    fix: 'Make the index within the function: `createIndex: () => new ExactNeighbourIndex()`.',
  })
}

function expectClusters(clusters: Int32Array, rows: number): void {
  const given = clusters as ArrayLike<unknown> | undefined
  if (given?.length === rows && Array.from(given).every(Number.isSafeInteger)) return
  throw new OptionError({ who: WHO, wanted: `\`kmeans\` to give a whole number for each of ${rows} queries`, got: given?.length === rows ? 'others' : String(given?.length), fix: 'Number the clusters from 0.' })
}

const largest = (counts: Int32Array): number => counts.reduce((most, count) => Math.max(most, count), 0)

const ofAll = (metrics: readonly Metric[], reason: string): Record<string, string> => Object.fromEntries(metrics.map(({ name }) => [name, reason]))

const COLLAPSED = 'All embeddings are one point: rankings are the order of the rows, and no metric says anything. Training may have diverged.'
const SELVES = 'The queries are among the references, and each finds itself: put them first and pass `refIncludesQuery: true`, or pass references without them.'
const NO_MATCH = 'No query has a match among the references.'
const ALL_MATCH = 'All references match.'

/** @param judged queries with a match */
function certainWarning(certain: number, judged: number): string[] {
  if (certain === 0) return []
  if (certain === judged) return ['All references match: ranking metrics cannot fail.']
  return [`${certain} of ${judged} queries match all references: for them ranking metrics are 1, whatever the embeddings.`]
}

function loneWarning(lone: number, queries: number): string[] {
  if (lone === 0) return []
  if (lone === queries) return ['No query has a match among the references: ranking metrics have no value.']
  return [`${lone} of ${queries} queries have no match among the references and are left out of ranking metrics.`]
}
