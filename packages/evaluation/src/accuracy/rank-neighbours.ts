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
export function* rankNeighbours(tile: NeighbourTile, labels: LabelMatches): Generator<QueryRanking> {
  const { firstRow, rowCount, k, indices } = tile
  const ranks = new Int32Array(k)
  for (let row = 0; row < rowCount; row++) {
    const query = firstRow + row
    const queryClass = labels.queryClasses[query]!
    const matchCount = labels.matchCounts[queryClass]!
    if (matchCount === 0) continue
    const neighbours = indices.subarray(row * k, (row + 1) * k)
    const found = findMatches(neighbours, labels.matching(queryClass), labels.referenceClasses, matchCount, ranks)
    yield { query, ranking: { matchRanks: ranks.subarray(0, found), matchCount, k } }
  }
}

/** Writes the ranks of the matches and returns how many there are; stops when all are found. */
function findMatches(
  neighbours: Int32Array,
  matching: Uint8Array,
  referenceClasses: Int32Array,
  matchCount: number,
  ranks: Int32Array,
): number {
  let found = 0
  for (let i = 0; i < neighbours.length && found < matchCount; i++) {
    if (matching[referenceClasses[neighbours[i]!]!]) ranks[found++] = i + 1
  }
  return found
}
