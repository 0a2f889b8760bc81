import type { LabelMatches } from './label-matches.js'
import type { Metrics, RankingMetricName } from './metric-name.js'
import { RANKING_METRICS, type Ranking } from './ranking-metrics.js'

/** Ranking metrics averaged per class. */
export interface ClassMeans {
  /** Number of each class, ascending. */
  readonly classes: readonly number[]
  readonly means: Partial<Readonly<Record<RankingMetricName, readonly number[]>>>
}

/** Sums of ranking metrics by class of the query; keeps no ranking. Queries without a match are not to be added. */
export class RankingSums {
  readonly #sums: ReadonlyMap<RankingMetricName, Float64Array>
  readonly #queries: Int32Array
  readonly #labels: LabelMatches

  constructor(names: readonly RankingMetricName[], labels: LabelMatches) {
    const classCount = labels.classes.length
    this.#labels = labels
    this.#sums = new Map(names.map((name) => [name, new Float64Array(classCount)]))
    this.#queries = new Int32Array(classCount)
  }

  /** @param query row of the query */
  add(query: number, ranking: Ranking): void {
    const queryClass = this.#labels.queryClasses[query]!
    this.#queries[queryClass]!++
    for (const [name, sums] of this.#sums) sums[queryClass]! += RANKING_METRICS[name](ranking)
  }

  /** The mean over queries; NaN when none has a match. */
  means(): Metrics<RankingMetricName> {
    const queries = this.#queries.reduce((sum, count) => sum + count, 0)
    return this.#eachMetric((sums) => sums.reduce((sum, value) => sum + value, 0) / queries)
  }

  /** The mean of the means of classes; NaN when no query has a match. */
  meansOfClassMeans(): Metrics<RankingMetricName> {
    const classes = this.#countedClasses()
    const sumOfMeans = (sums: Float64Array) => classes.reduce((sum, one) => sum + sums[one]! / this.#queries[one]!, 0)
    return this.#eachMetric((sums) => sumOfMeans(sums) / classes.length)
  }

  /** Of classes with a query that has a match; when there is none, NaN for every class of a query. */
  classMeans(): ClassMeans {
    const counted = this.#countedClasses()
    const classes = counted.length ? counted : [...new Set(this.#labels.queryClasses)].sort((a, b) => a - b)
    return { classes, means: this.#eachMetric((sums) => classes.map((one) => sums[one]! / this.#queries[one]!)) }
  }

  #countedClasses(): number[] {
    return [...this.#queries.keys()].filter((one) => this.#queries[one]! > 0)
  }

  #eachMetric<T>(average: (sums: Float64Array) => T): Partial<Record<RankingMetricName, T>> {
    return Object.fromEntries([...this.#sums].map(([name, sums]) => [name, average(sums)]))
  }
}
