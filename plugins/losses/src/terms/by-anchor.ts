import type * as tf from '@tensorflow/tfjs-core'
import type { Block, BlockInputs } from '@metric-learning/contracts'
import { blockwise, rowsOfBlock } from '@metric-learning/ops'

/** Marks a tensor of which each anchor has a row, and to which no gradient flows: a mask, say. */
export const constant = (tensor: tf.Tensor): MarkedOperand => ({ as: 'constant', tensor })

/** Marks a tensor that is the same for all anchors, such as a mean; gradients flow to it. */
export const shared = (tensor: tf.Tensor): MarkedOperand => ({ as: 'shared', tensor })

/** See {@link constant} and {@link shared}. */
export interface MarkedOperand {
  readonly as: 'constant' | 'shared'
  readonly tensor: tf.Tensor
}

/**
 * What a formula is computed from, by the names that it knows it by. A plain tensor has a row of each anchor, [n] or [n, …],
 * and gradients flow to it.
 */
export type Operands = Readonly<Record<string, tf.Tensor | MarkedOperand>>

/** The same of some of the anchors, as a formula gets it. */
export type OperandValues<O extends Operands> = { readonly [K in keyof O]: tf.Tensor }

/** What a formula makes of its operands for each anchor: [n] or [n, …]. */
export type AnchorFormula<O extends Operands> = (operands: OperandValues<O>) => tf.Tensor

/** How {@link byAnchor} goes about it. */
export interface ByAnchorOptions {
  /** Values of the largest tensor within the formula, for one anchor. Default: those of its largest operand. */
  readonly valuesPerAnchor?: number
}

/**
 * What a formula gives for each anchor: [n] or [n, …]. Where its tensors would be larger than {@link blockBytes}, anchors are
 * taken some at a time, forward and again backward; the formula does not see it.
 *
 * @param formula anchor by anchor; it knows no tensors but its operands (and variables), and is called more than once
 * @example
 * byAnchor({ s: similarities, negatives: constant(negative) }, ({ s, negatives }) => logSumExp(s, negatives))
 */
export function byAnchor<const O extends Operands>(operands: O, formula: AnchorFormula<O>, options: ByAnchorOptions = {}): tf.Tensor {
  const { inputs, named } = sortOperands(operands)
  const perAnchor = options.valuesPerAnchor ?? Math.max(...inputs.rows.map(valuesPerRow), ...inputs.constants.map(valuesPerRow))
  return blockwise(inputs, rowsOfBlock(perAnchor), (block) => formula(named(block)))
}

/** Operands by how blocks treat them, and the names of a block's. */
export function sortOperands<O extends Operands>(operands: O): { inputs: Required<BlockInputs>; named(block: Block): OperandValues<O> } {
  const entries = Object.entries(operands)
  const rows = entries.filter((entry): entry is [string, tf.Tensor] => !('as' in entry[1]))
  const marked = (as: MarkedOperand['as']) =>
    entries.flatMap(([name, operand]): [string, tf.Tensor][] => ('as' in operand && operand.as === as ? [[name, operand.tensor]] : []))
  const [constants, whole] = [marked('constant'), marked('shared')]
  const tensors = (of: readonly (readonly [string, tf.Tensor])[]) => of.map(([, tensor]) => tensor)
  return {
    inputs: { rows: tensors(rows), constants: tensors(constants), whole: tensors(whole) },
    named(block) {
      const pick = (of: readonly (readonly [string, tf.Tensor])[], from: readonly tf.Tensor[]) => of.map(([name], i) => [name, from[i]!])
      return Object.fromEntries([...pick(rows, block.rows), ...pick(constants, block.constants), ...pick(whole, block.whole)]) as OperandValues<O>
    },
  }
}

const valuesPerRow = ({ size, shape }: tf.Tensor): number => size / Math.max(1, shape[0] ?? 1)
