import type { NeighbourTile } from '@metric-learning/contracts'
import type { LabelMatches } from './label-matches.js'
import type { Ranking } from './ranking-metrics.js'

/** The ranking of one query. */
export interface QueryRanking {
  /** Row of the query. */
  readonly query: number
  /** Valid until the next one is asked for. */
  readonly ranking: Ranking
}

/** Finds the matches of each query among its neighbours. Queries without a match among the references are left out. */
export function* rankNeighbours({ firstRow, rowCount, k, ids }: NeighbourTile, labels: LabelMatches): Generator<QueryRanking> {
  for (let row = 0; row < rowCount; row++) {
    const query = firstRow + row
    const queryClass = labels.queryClasses[query]!
    const matchCount = labels.matchCounts[queryClass]!
    if (matchCount === 0) continue
    const matching = new Set(labels.matching(queryClass))
    const matchRanks: number[] = []
    for (let i = 0; i < k && matchRanks.length < matchCount; i++) {
      const id = ids[row * k + i]!
      if (id !== -1 && matching.has(labels.referenceClasses[id]!)) matchRanks.push(i + 1)
    }
    yield { query, ranking: { matchRanks, matchCount, k } }
  }
}
