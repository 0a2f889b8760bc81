import { rowsByLabel, type PairIndices, type TripletIndices } from '@metric-learning/contracts'

/**
 * Pairs by row numbers as triplets: every positive pair joined with every negative pair of the same
 * anchor, as in PyTorch Metric Learning's `convert_to_triplets`. Repeated pairs multiply; a pair
 * whose anchor lacks the other kind vanishes.
 */
export function joinPairs({ anchor1, positive, anchor2, negative }: PairIndices): TripletIndices {
  const negativePairsOf = rowsByLabel(anchor2)
  const triplets = { anchor: [] as number[], positive: [] as number[], negative: [] as number[] }
  for (let i = 0; i < anchor1.length; i++) {
    for (const pair of negativePairsOf.get(anchor1[i]!) ?? []) {
      triplets.anchor.push(anchor1[i]!)
      triplets.positive.push(positive[i]!)
      triplets.negative.push(negative[pair]!)
    }
  }
  return triplets
}
