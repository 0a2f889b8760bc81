import type { RankingMetricName } from './metric-name.js'

/** Where the matches of one query stand among its nearest neighbours. */
export interface Ranking {
  /** Ranks of the matches that are among the k nearest, from 1, ascending. */
  readonly matchRanks: ArrayLike<number>
  /** R: matches there are among all references, the query itself not counted; at least 1. */
  readonly matchCount: number
  /** Neighbours that were looked up. */
  readonly k: number
}

/** From the ranking of one query to a number in [0, 1]. */
export type RankingMetric = (ranking: Ranking) => number

/** P@1: 1 when the nearest neighbour matches. */
export const precisionAt1: RankingMetric = ({ matchRanks }) => (matchRanks[0] === 1 ? 1 : 0)

/** R-precision: the share of matches among the R nearest, or among the k nearest when k < R. */
export const rPrecision: RankingMetric = ({ matchRanks, matchCount, k }) => {
  const depth = Math.min(matchCount, k)
  return countUpTo(matchRanks, depth) / depth
}

/** 1 / rank of the first match; 0 when none is among the k nearest. */
export const meanReciprocalRank: RankingMetric = ({ matchRanks }) => (matchRanks.length ? 1 / matchRanks[0]! : 0)

/** Average precision: (1/R) Σ precision at the rank of each match among the k nearest. R stays whole when k < R. */
export const meanAveragePrecision: RankingMetric = ({ matchRanks, matchCount }) =>
  sumOfPrecisions(matchRanks, matchRanks.length) / matchCount

/** Average precision of the R nearest: (1/R) Σ precision at the rank of each match up to R. */
export const meanAveragePrecisionAtR: RankingMetric = ({ matchRanks, matchCount }) =>
  sumOfPrecisions(matchRanks, countUpTo(matchRanks, matchCount)) / matchCount

/** All of them by name. A metric is the mean over queries. */
export const RANKING_METRICS: Readonly<Record<RankingMetricName, RankingMetric>> = {
  meanAveragePrecision,
  meanAveragePrecisionAtR,
  meanReciprocalRank,
  precisionAt1,
  rPrecision,
}

/** Precision at the rank of the i-th match is i / rank. */
function sumOfPrecisions(ranks: ArrayLike<number>, count: number): number {
  let sum = 0
  for (let i = 0; i < count; i++) sum += (i + 1) / ranks[i]!
  return sum
}

function countUpTo(ranks: ArrayLike<number>, depth: number): number {
  let count = 0
  while (count < ranks.length && ranks[count]! <= depth) count++
  return count
}
