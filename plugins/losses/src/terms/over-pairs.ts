import type * as tf from '@tensorflow/tfjs-core'
import type { LossTerm } from '@metric-learning/contracts'
import { rowsOfBlock } from '@metric-learning/ops'
import { blockedTerm, ofBlock, sortOperands, type AnchorFormula, type Operands } from './by-anchor.js'

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
    compute: ({ constants: [own, ...constants], ...others }) => {
      const block = { ...others, constants }
      return { values: ofBlock(block, () => formula(named(block))), weights: own! }
    },
  })
}
