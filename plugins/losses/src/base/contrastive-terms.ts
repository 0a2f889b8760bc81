import type { Distance, LossTerms } from '@metric-learning/contracts'
import { relu } from '@metric-learning/ops'
import type { LossInputs } from './loss-inputs.js'
import { pairTerm } from './pair-term.js'

/** Options that contrastive losses share. */
export interface ContrastiveMargins {
  /** Positives closer than this cost nothing. In units of the distance; for a similarity 1 makes sense. Default 0. */
  readonly posMargin?: number
  /** Negatives farther than this cost nothing. In units of the distance; for a similarity 0 makes sense. Default 1. */
  readonly negMargin?: number
}

/** max(0, d - posMargin) of positive pairs as `posLoss`, max(0, negMargin - d) of negative ones as `negLoss`. */
export function contrastiveTerms(inputs: LossInputs, distance: Distance, { posMargin, negMargin }: Required<ContrastiveMargins>): LossTerms {
  const { positive, negative } = inputs.pairs()
  const distances = distance.matrix(inputs.embeddings, inputs.references)
  const rows = [distances]
  return {
    posLoss: pairTerm({ rows, weights: positive, values: ({ rows: [own] }) => relu(distance.margin(own!, posMargin)) }),
    negLoss: pairTerm({ rows, weights: negative, values: ({ rows: [own] }) => relu(distance.margin(negMargin, own!)) }),
  }
}
