import type { PairIndices, TripletIndices } from '@metric-learning/contracts'

/**
 * Pairs by row numbers as triplets: every positive pair joined with every negative pair of the same
 * anchor, as in PyTorch Metric Learning's `convert_to_triplets`. Repeated pairs multiply; a pair
 * whose anchor lacks the other kind vanishes.
 */
export function joinPairs({ anchor1, positive, anchor2, negative }: PairIndices): TripletIndices {
  const negativesOf = new Map<number, number[]>()
  for (let i = 0; i < anchor2.length; i++) {
    const negatives = negativesOf.get(anchor2[i]!)
    if (negatives) negatives.push(negative[i]!)
    else negativesOf.set(anchor2[i]!, [negative[i]!])
  }
  const triplets = { anchor: [] as number[], positive: [] as number[], negative: [] as number[] }
  for (let i = 0; i < anchor1.length; i++) {
    for (const row of negativesOf.get(anchor1[i]!) ?? []) {
      triplets.anchor.push(anchor1[i]!)
      triplets.positive.push(positive[i]!)
      triplets.negative.push(row)
    }
  }
  return triplets
}
