import type { ScoreTile } from '@metric-learning/contracts'
import type { LabelMatches } from './label-matches.js'
import type { QueryRanking } from './rank-neighbours.js'
import { ScoreBuckets } from './score-buckets.js'

/**
 * The rank of each match among all references, from scores and without sorting them: the few matches are sorted, and
 * for every other reference it is counted between which of them it stands: about O(m) a query in place of O(m log m).
 *
 * Of equal scores the lower row comes first. Queries without a match are left out.
 */
export function* rankScores(tile: ScoreTile, labels: LabelMatches, refIncludesQuery: boolean): Generator<QueryRanking> {
  const { queryClasses, referenceClasses, matchCounts } = labels
  const references = referenceClasses.length
  for (let row = 0; row < tile.rowCount; row++) {
    const query = tile.firstRow + row
    const queryClass = queryClasses[query]!
    const matchCount = matchCounts[queryClass]!
    if (matchCount === 0) continue
    const scores = tile.scores.subarray(row * references, (row + 1) * references)
    const isMatch = labels.matching(queryClass)
    const itself = refIncludesQuery ? query : -1
    const matches = sortedMatches(scores, isMatch, referenceClasses, itself, matchCount)
    const matchRanks = countRanks(scores, isMatch, referenceClasses, itself, matches)
    yield { query, ranking: { matchRanks, matchCount, k: references - (refIncludesQuery ? 1 : 0) } }
  }
}

/** Rows of the matches, nearest first. */
function sortedMatches(
  scores: Float32Array,
  isMatch: Uint8Array,
  referenceClasses: Int32Array,
  itself: number,
  matchCount: number,
): Int32Array {
  const matches = new Int32Array(matchCount)
  let found = 0
  for (let reference = 0; reference < referenceClasses.length; reference++) {
    if (isMatch[referenceClasses[reference]!] && reference !== itself) matches[found++] = reference
  }
  return matches.sort((a, b) => scores[b]! - scores[a]! || a - b)
}

function countRanks(
  scores: Float32Array,
  isMatch: Uint8Array,
  referenceClasses: Int32Array,
  itself: number,
  matches: Int32Array,
): Int32Array {
  const matchScores = Float32Array.from(matches, (match) => scores[match]!)
  const lowest = matchScores[matches.length - 1]!
  const buckets = new ScoreBuckets(matchScores)
  // others[i]: references that are no matches and stand right before match i.
  const others = new Int32Array(matches.length + 1)
  for (let reference = 0; reference < scores.length; reference++) {
    const score = scores[reference]!
    if (score < lowest || isMatch[referenceClasses[reference]!] || reference === itself) continue
    const bucket = buckets.of(score)
    let low = buckets.starts[bucket]!
    let high = buckets.starts[bucket + 1]!
    while (low < high) {
      const middle = (low + high) >> 1
      const matchScore = matchScores[middle]!
      if (matchScore > score || (matchScore === score && matches[middle]! < reference)) low = middle + 1
      else high = middle
    }
    others[low]!++
  }
  let before = 0
  return matches.map((_, i) => (before += others[i]!) + i + 1)
}
