import type { PairIndices } from '@metric-learning/contracts'

/** All pairs between the rows of two sets, as lists. */
export function allPairs(labels: readonly number[], refLabels: readonly number[]): Record<keyof PairIndices, number[]> {
  const cells = labels.flatMap((label, i) => refLabels.map((other, j) => ({ i, j, isPositive: label === other })))
  const [positives, negatives] = [cells.filter(({ isPositive }) => isPositive), cells.filter(({ isPositive }) => !isPositive)]
  return {
    anchor1: positives.map(({ i }) => i),
    positive: positives.map(({ j }) => j),
    anchor2: negatives.map(({ i }) => i),
    negative: negatives.map(({ j }) => j),
  }
}
