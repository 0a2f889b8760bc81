import type { NeighbourTile } from '../neighbours/knn.js'
import type { LabelMatches } from './label-matches.js'
import type { Metrics, RankingMetricName } from './metric-name.js'
import { RANKING_METRICS, type Ranking } from './ranking-metrics.js'

/** Ranking metrics averaged per class. */
export interface ClassMeans {
  /** Number of each class, ascending. */
  readonly classes: readonly number[]
  readonly means: Partial<Readonly<Record<RankingMetricName, readonly number[]>>>
}

/**
 * Sums of ranking metrics by class of the query. Takes tiles of neighbours as they come and keeps none, so that
 * memory does not grow with the number of neighbours. Queries without a match are left out.
 */
export class RankingSums {
  readonly #sums: ReadonlyMap<RankingMetricName, Float64Array>
  readonly #queries: Int32Array

  constructor(
    names: readonly RankingMetricName[],
    private readonly labels: LabelMatches,
  ) {
    const classCount = labels.classes.length
    this.#sums = new Map(names.map((name) => [name, new Float64Array(classCount)]))
    this.#queries = new Int32Array(classCount)
  }

  add(tile: NeighbourTile): void {
    const { queryClasses, matchCounts } = this.labels
    const ranks = new Int32Array(tile.k)
    for (let row = 0; row < tile.rowCount; row++) {
      const queryClass = queryClasses[tile.firstRow + row]!
      if (matchCounts[queryClass] === 0) continue
      const ranking = rankMatches(tile, row, queryClass, this.labels, ranks)
      this.#queries[queryClass]!++
      for (const [name, sums] of this.#sums) sums[queryClass]! += RANKING_METRICS[name](ranking)
    }
  }

  /** The mean over queries; NaN when none has a match. */
  means(): Metrics<RankingMetricName> {
    const queries = this.#queries.reduce((sum, count) => sum + count, 0)
    return this.#eachMetric((sums) => sums.reduce((sum, value) => sum + value, 0) / queries)
  }

  /** The mean of the means of classes; NaN when no query has a match. */
  meansOfClassMeans(): Metrics<RankingMetricName> {
    const classes = this.#countedClasses()
    return this.#eachMetric((sums) => classes.reduce((sum, one) => sum + sums[one]! / this.#queries[one]!, 0) / classes.length)
  }

  /** Of classes with a query that has a match; when there is none, NaN for every class of a query. */
  classMeans(): ClassMeans {
    const counted = this.#countedClasses()
    const classes = counted.length ? counted : [...new Set(this.labels.queryClasses)].sort((a, b) => a - b)
    return { classes, means: this.#eachMetric((sums) => classes.map((one) => sums[one]! / this.#queries[one]!)) }
  }

  #countedClasses(): number[] {
    return [...this.#queries.keys()].filter((one) => this.#queries[one]! > 0)
  }

  #eachMetric<T>(average: (sums: Float64Array) => T): Partial<Record<RankingMetricName, T>> {
    return Object.fromEntries([...this.#sums].map(([name, sums]) => [name, average(sums)]))
  }
}

/** Looks for matches until all are found; `ranks` is room for k of them. */
function rankMatches(tile: NeighbourTile, row: number, queryClass: number, labels: LabelMatches, ranks: Int32Array): Ranking {
  const { k, indices } = tile
  const { referenceClasses } = labels
  const matchCount = labels.matchCounts[queryClass]!
  const matching = labels.matching(queryClass)
  const start = row * k
  let found = 0
  for (let i = 0; i < k && found < matchCount; i++) {
    if (matching[referenceClasses[indices[start + i]!]!]) ranks[found++] = i + 1
  }
  return { matchRanks: ranks.subarray(0, found), matchCount, k }
}
