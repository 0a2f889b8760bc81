import { expectMethods } from '@metric-learning/contracts'
import type { NeighbourPool } from '../metrics/metric.js'
import { countUpTo } from '../metrics/ranking-metrics.js'
import type { FoundRanking } from './rank-neighbours.js'
import type { SearchedMetric } from './ranking-depth.js'

/** What a metric makes of the rankings, to the depth that it looks. */
export class SearchedFinding {
  /** Of each query that is judged; not of a pool. */
  readonly values: Float64Array | undefined
  readonly pool: NeighbourPool | undefined
  #at = 0

  constructor(
    readonly metric: SearchedMetric,
    readonly depth: number,
    judged: number,
  ) {
    this.pool = metric.judges === 'pool' ? metric.pool() : undefined
    if (metric.judges === 'pool') expectMethods('AccuracyCalculator', `pool() of ${metric.name}`, this.pool, ['add', 'value'], '{ add() {}, value: () => 0 }')
    this.values = this.pool ? undefined : new Float64Array(judged)
  }

  add({ ranking, neighbours }: FoundRanking): void {
    const { metric, depth: k } = this
    // Most metrics look as deep as the search went.
    const isWhole = ranking.k === k
    const matchRanks = isWhole ? ranking.matchRanks : ranking.matchRanks.subarray(0, countUpTo(ranking.matchRanks, k))
    if (metric.judges === 'ranks') {
      this.values![this.#at++] = metric.compute(isWhole ? ranking : { ...ranking, matchRanks, k })
      return
    }
    const { rows, distances, classes, isMatch } = neighbours!
    const nearest = {
      ...ranking,
      matchRanks,
      k,
      rows: rows.subarray(0, k),
      distances: distances.subarray(0, k),
      classes: classes.subarray(0, k),
      isMatch: isMatch.subarray(0, k),
    }
    if (metric.judges === 'pool') this.pool!.add(nearest)
    else this.values![this.#at++] = metric.compute(nearest)
  }
}
