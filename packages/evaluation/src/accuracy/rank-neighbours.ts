import type { NeighbourTile, RankTile } from '@metric-learning/contracts'
import type { RankedNeighbours, Ranking } from '../metrics/metric.js'
import type { LabelMatches } from './label-matches.js'

/** What a search found for a query that has a match, as deep as it went; with its nearest neighbours where they were asked for. */
export interface FoundRanking {
  readonly ranking: Ranking
  readonly neighbours?: RankedNeighbours
}

/** Of the neighbours that were found. */
export function* rankNeighbours({ firstRow, rowCount, k, ids, distances }: NeighbourTile, labels: LabelMatches): Generator<Required<FoundRanking>> {
  const isMatching = new Uint8Array(labels.classes.length)
  for (const { row, query, matchCount, available } of judgedRows(firstRow, rowCount, labels)) {
    const found = ids.subarray(row * k, (row + 1) * k)
    const none = found.indexOf(-1)
    const rows = none === -1 ? found : found.subarray(0, none)
    const matching = labels.matching(labels.queryClasses[query]!)
    for (const one of matching) isMatching[one] = 1
    const [classes, isMatch, ranks] = [new Int32Array(rows.length), new Uint8Array(rows.length), new Int32Array(rows.length + 1)]
    let matches = 0
    for (let i = 0; i < rows.length; i++) {
      classes[i] = labels.referenceClasses[rows[i]!]!
      isMatch[i] = isMatching[classes[i]!]!
      ranks[matches] = i + 1
      matches += isMatch[i]!
    }
    for (const one of matching) isMatching[one] = 0
    const ranking = { query, matchCount, available, k, matchRanks: ranks.subarray(0, matches) }
    yield { ranking, neighbours: { ...ranking, rows, distances: distances.subarray(row * k, row * k + rows.length), classes, isMatch } }
  }
}

/** Of the ranks that were found. */
export function* rankingsOf({ firstRow, rowCount, k, offsets, ranks, nearest }: RankTile, labels: LabelMatches): Generator<FoundRanking> {
  const found = nearest && rankNeighbours(nearest, labels)
  for (const { row, query, matchCount, available } of judgedRows(firstRow, rowCount, labels)) {
    const ranking = { query, matchCount, available, k, matchRanks: ranks.subarray(offsets[row], offsets[row + 1]) }
    yield found ? { ranking, neighbours: (found.next().value as Required<FoundRanking>).neighbours } : { ranking }
  }
}

/** Queries of a tile that have a match. */
function* judgedRows(firstRow: number, rowCount: number, { matchCounts, availableCounts }: LabelMatches) {
  for (let row = 0; row < rowCount; row++) {
    const query = firstRow + row
    const matchCount = matchCounts[query]!
    if (matchCount > 0) yield { row, query, matchCount, available: availableCounts[query]! }
  }
}
