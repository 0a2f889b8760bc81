import type { LossTerms } from '@metric-learning/contracts'
import { relu, type FormulaNumber } from '@metric-learning/ops'
import type { LossInputs } from '../base/loss-inputs.js'
import { overPairs } from './over-pairs.js'

/** Where pairs begin to cost. */
export interface ContrastiveMargins {
  readonly posMargin: FormulaNumber
  readonly negMargin: FormulaNumber
}

/** max(0, d - posMargin) of positive pairs as `posLoss`, max(0, negMargin - d) of negative ones as `negLoss`. */
export function contrastiveTerms(inputs: LossInputs, { posMargin, negMargin }: ContrastiveMargins): LossTerms {
  const { distance } = inputs
  const { positive, negative } = inputs.pairs()
  const distances = inputs.distances()
  return {
    posLoss: overPairs(positive, { d: distances }, ({ d }) => relu(distance.margin(d, posMargin))),
    negLoss: overPairs(negative, { d: distances }, ({ d }) => relu(distance.margin(negMargin, d))),
  }
}
