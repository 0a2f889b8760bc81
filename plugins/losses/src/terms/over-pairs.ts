import type * as tf from '@tensorflow/tfjs-core'
import type { LossTerm, TermBlock, TermBlocks, TermUnit } from '@metric-learning/contracts'
import { rowsOfBlock } from '@metric-learning/ops'
import { sortOperands, type AnchorFormula, type Operands } from './by-anchor.js'

/**
 * A term with a value for each pair.
 *
 * @param weights how often each pair counts: float32 [n, m], constants
 * @param operands what the formula is computed from; see {@link byAnchor}
 * @param formula the values: float32 [n, m]. Knows no tensors but its operands (and variables), and is called more than once
 * @example overPairs(positive, { d: distances }, ({ d }) => relu(distance.margin(d, posMargin)))
 */
export function overPairs<const O extends Operands>(weights: tf.Tensor2D, operands: O, formula: AnchorFormula<O>): LossTerm {
  const { inputs, named } = sortOperands(operands)
  return blockedTerm('pair', {
    ...inputs,
    size: rowsOfBlock(weights.shape[1]),
    constants: [weights, ...inputs.constants],
    compute: ({ constants: [own, ...constants], ...block }) => ({ values: formula(named({ ...block, constants })), weights: own! }),
  })
}

/** A term, whole where one block takes all anchors; otherwise in blocks, of which the values are formed when they are asked for. */
export function blockedTerm(over: TermUnit, blocks: TermBlocks): LossTerm {
  const { rows, whole = [], constants = [], size } = blocks
  const form = () => blocks.compute({ rows, whole, constants })
  if (size >= rows[0]!.shape[0]!) return { over, ...form() }
  let formed: TermBlock | undefined
  const whenAsked = () => (formed ??= form())
  return {
    over,
    blocks,
    get values() {
      return whenAsked().values
    },
    get weights() {
      return whenAsked().weights
    },
    get divisor() {
      return whenAsked().divisor!
    },
  }
}
