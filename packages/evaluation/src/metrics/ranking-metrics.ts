import type { RankMetric } from './metric.js'

/** P@1: 1 when the nearest neighbour matches. */
export const precisionAt1: RankMetric<'precisionAt1'> = {
  name: 'precisionAt1',
  label: 'P@1',
  title: 'precision at 1',
  meaning: 'How often the nearest neighbour is of the same class.',
  inPercent: true,
  judges: 'ranks',
  depth: 1,
  compute: ({ matchRanks }) => (matchRanks[0] === 1 ? 1 : 0),
}

/** R-precision: the share of matches among the R nearest, or among the k nearest when k < R. */
export const rPrecision: RankMetric<'rPrecision'> = {
  name: 'rPrecision',
  label: 'R-Precision',
  title: 'precision at R',
  meaning: 'Share of the same class among the R nearest, R being the number of samples of the query’s class.',
  inPercent: true,
  judges: 'ranks',
  depth: 'matches',
  compute({ matchRanks, matchCount, k }) {
    const depth = Math.min(matchCount, k)
    return countUpTo(matchRanks, depth) / depth
  },
}

/** 1 / rank of the first match; 0 when none is among the k nearest. */
export const meanReciprocalRank: RankMetric<'meanReciprocalRank'> = {
  name: 'meanReciprocalRank',
  label: 'MRR',
  title: 'mean reciprocal rank',
  meaning: 'One over the rank of the first neighbour of the same class, averaged over queries.',
  inPercent: true,
  judges: 'ranks',
  compute: ({ matchRanks }) => (matchRanks.length > 0 ? 1 / matchRanks[0]! : 0),
}

/** Average precision: (1/R) Σ precision at the rank of each match among the k nearest. R stays whole when k < R. */
export const meanAveragePrecision: RankMetric<'meanAveragePrecision'> = {
  name: 'meanAveragePrecision',
  label: 'MAP',
  title: 'mean average precision',
  meaning: 'Average precision of each query’s ranking, averaged over queries.',
  inPercent: true,
  judges: 'ranks',
  compute: ({ matchRanks, matchCount }) => sumOfPrecisions(matchRanks, matchRanks.length) / matchCount,
}

/** Average precision of the R nearest: (1/R) Σ precision at the rank of each match up to R. */
export const meanAveragePrecisionAtR: RankMetric<'meanAveragePrecisionAtR'> = {
  name: 'meanAveragePrecisionAtR',
  label: 'MAP@R',
  title: 'mean average precision at R',
  meaning: 'As MAP, over the R nearest, R being the number of samples of the query’s class.',
  inPercent: true,
  judges: 'ranks',
  depth: 'matches',
  compute: ({ matchRanks, matchCount }) => sumOfPrecisions(matchRanks, countUpTo(matchRanks, matchCount)) / matchCount,
}

/** Precision at the rank of the i-th match is i / rank. */
function sumOfPrecisions(ranks: Int32Array, count: number): number {
  let sum = 0
  for (let i = 0; i < count; i++) sum += (i + 1) / ranks[i]!
  return sum
}

/** How many of some ascending ranks are at most `depth`. */
export function countUpTo(ranks: Int32Array, depth: number): number {
  let [low, high] = [0, ranks.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (ranks[middle]! <= depth) low = middle + 1
    else high = middle
  }
  return low
}
