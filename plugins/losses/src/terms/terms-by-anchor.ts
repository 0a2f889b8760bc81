import * as tf from '@tensorflow/tfjs-core'
import type { Block, BlockInputs, LossTerm, LossTerms, TermUnit } from '@metric-learning/contracts'
import { rowsOfBlock } from '@metric-learning/ops'
import type { LossInputs } from '../base/loss-inputs.js'
import { blockedTerm, ofBlock } from './by-anchor.js'

/** What of a batch the largest tensor of a formula has a value for: [n, m], or [n, k, m] of all triplets. */
export type AnchorUnit = 'pairs' | 'triplets'

/**
 * The terms of a formula in which all that an anchor has follows from it, its pairs and the references. Where [n, m] would be larger
 * than {@link blockBytes}, the formula is given some anchors at a time, so that not even their distances are there as a whole; each
 * term is computed by itself then.
 */
export function termsByAnchor(inputs: LossInputs, unit: AnchorUnit, formula: (inputs: LossInputs) => LossTerms): LossTerms {
  const { relations } = inputs
  const { queryCount, referenceCount } = relations
  if (rowsOfBlock(referenceCount) >= queryCount) return formula(inputs)
  const blocked = inputs.byBlocks()
  if (!blocked) return formula(inputs)
  const { of, ...blocks } = blocked
  const termsOf = (block: Block) => ofBlock(block, () => formula(of(block)))
  const size = rowsOfBlock(unit === 'triplets' ? relations.maxPositives * referenceCount : referenceCount)
  const compute = (name: string) => (block: Block) => {
    const { values, weights, divisor } = termsOf(block)[name] as LossTerm & Required<Pick<LossTerm, 'weights'>>
    return { values, weights, ...(divisor && { divisor }) }
  }
  const units = Object.entries(unitsOf(termsOf, blocks))
  return Object.fromEntries(units.map(([name, over]) => [name, blockedTerm(over, { ...blocks, size, compute: compute(name) })]))
}

/** The names of a formula's terms, and what they are over, as the first anchor tells. */
function unitsOf(termsOf: (block: Block) => LossTerms, { rows, whole, constants }: Required<BlockInputs>): Readonly<Record<string, TermUnit>> {
  let units: Readonly<Record<string, TermUnit>> = {}
  tf.tidy(() => {
    const first = (tensors: readonly tf.Tensor[]) => tensors.map((tensor) => tf.slice(tensor, 0, 1))
    const terms = termsOf({ rows: first(rows), whole, constants: first(constants), start: 0 })
    units = Object.fromEntries(Object.entries(terms).map(([name, { over }]) => [name, over]))
  })
  return units
}
