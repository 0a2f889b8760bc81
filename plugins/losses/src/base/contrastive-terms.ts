import type { Distance, LossTerms } from '@metric-learning/contracts'
import { relu, tensorOf, type Schedulable } from '@metric-learning/ops'
import type { LossInputs } from './loss-inputs.js'
import { pairTerm } from './pair-term.js'

/** Options that contrastive losses share. */
export interface ContrastiveMargins {
  /** Positives closer than this cost nothing. In units of the distance; for a similarity 1 makes sense. Default 0. May be scheduled. */
  readonly posMargin?: Schedulable
  /** Negatives farther than this cost nothing. In units of the distance; for a similarity 0 makes sense. Default 1. May be scheduled. */
  readonly negMargin?: Schedulable
}

/** max(0, d - posMargin) of positive pairs as `posLoss`, max(0, negMargin - d) of negative ones as `negLoss`. */
export function contrastiveTerms(inputs: LossInputs, distance: Distance, { posMargin, negMargin }: Required<ContrastiveMargins>): LossTerms {
  const { positive, negative } = inputs.pairs()
  const distances = distance.matrix(inputs.embeddings, inputs.references)
  const rows = [distances]
  return {
    posLoss: pairTerm({ rows, weights: positive, values: ({ rows: [own] }) => relu(distance.margin(own!, tensorOf(posMargin))) }),
    negLoss: pairTerm({ rows, weights: negative, values: ({ rows: [own] }) => relu(distance.margin(tensorOf(negMargin), own!)) }),
  }
}
