import * as tf from '@tensorflow/tfjs-core'
import { OptionError, type Block, type BlockInputs, type LossTerm, type TermBlocks, type TermUnit } from '@metric-learning/contracts'
import { blockwise, rowsOfBlock, withoutGradient } from '@metric-learning/ops'

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
 * and gradients flow to it; `undefined` is passed over.
 */
export type Operands = Readonly<Record<string, tf.Tensor | MarkedOperand | undefined>>

/** The same of some of the anchors, as a formula gets it. */
export type OperandValues<O extends Operands> = { readonly [K in keyof O]: undefined extends O[K] ? tf.Tensor | undefined : tf.Tensor }

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
  return blockwise(inputs, rowsOfBlock(perAnchor), (block) => ofBlock(block, () => formula(named(block))))
}

/**
 * Operands by how blocks treat them, and the names of a block's.
 *
 * @throws {OptionError} when none of them has a row an anchor.
 */
export function sortOperands<O extends Operands>(operands: O): { inputs: Required<BlockInputs>; named(block: Block): OperandValues<O> } {
  const entries = Object.entries(operands).filter((entry): entry is [string, tf.Tensor | MarkedOperand] => entry[1] !== undefined)
  const rows = entries.filter((entry): entry is [string, tf.Tensor] => !('as' in entry[1]))
  const marked = (as: MarkedOperand['as']) =>
    entries.flatMap(([name, operand]): [string, tf.Tensor][] => ('as' in operand && operand.as === as ? [[name, operand.tensor]] : []))
  const [constants, whole] = [marked('constant'), marked('shared')]
  if (rows.length === 0) {
    const got = entries.map(([name]) => name).join(', ') || 'none'
    throw new OptionError({ who: 'A formula', wanted: 'an operand with a row an anchor', got, fix: 'Pass distances, say, as they are.' })
  }
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

/**
 * What a formula makes of a block. While gradients are taped it checks that the formula used no tensor but its operands, variables
 * and what it made of them: others are gone when a block is computed again for the gradient, which only large batches do.
 *
 * @throws {OptionError} when it used another.
 */
export function ofBlock<R>(block: Block, formula: () => R): R {
  const { activeTape: tape } = tf.engine().state
  const first = (tf.engine() as unknown as { nextTensorId(): number }).nextTensorId()
  const from = tape?.length ?? 0
  const result = formula()
  if (!tape || tape !== tf.engine().state.activeTape) return result
  const own = new Set([...block.rows, ...block.constants, ...block.whole].map(({ id }) => id))
  for (const { inputs, kernelName } of tape.slice(from)) {
    const stranger = Object.values(inputs).find((input) => input.id < first && !own.has(input.id) && !(input instanceof tf.Variable))
    if (stranger) {
      throw new OptionError({
        who: 'A formula',
        wanted: 'no tensors but its operands, and variables',
        got: `one of shape [${stranger.shape.join(', ')}] from outside, in ${kernelName}`,
        fix: 'Name it among the operands: as it is with a row an anchor, else as `constant(tensor)` or `shared(tensor)`.',
      })
    }
  }
  return result
}

/**
 * A term, whole where one block takes all anchors; otherwise in blocks, of which the values are formed when they are asked for,
 * block by block.
 */
export function blockedTerm(over: TermUnit, blocks: TermBlocks): LossTerm {
  const { rows, whole = [], constants = [], size } = blocks
  if (size >= rows[0]!.shape[0]!) return { over, ...blocks.compute({ rows, whole, constants, start: 0 }) }
  const joined = (part: 'values' | 'weights') => blockwise(blocks, size, (block) => blocks.compute(block)[part])
  let [values, weights, divisor]: (tf.Tensor | undefined)[] = []
  return {
    over,
    blocks,
    get values() {
      return (values = kept(values) ?? joined('values'))
    },
    get weights() {
      return (weights = kept(weights) ?? withoutGradient(() => joined('weights')))
    },
    get divisor() {
      return (divisor = kept(divisor) ?? divisorOf(blocks)) as tf.Scalar
    },
  }
}

/** What was formed before, unless whoever asked for it has freed it. */
const kept = (tensor: tf.Tensor | undefined): tf.Tensor | undefined => (tensor?.isDisposed ? undefined : tensor)

/** What the values of a term in blocks are to be divided by, if it says: float32 []. A constant. */
function divisorOf(blocks: TermBlocks): tf.Scalar | undefined {
  let isSaid = false
  const sum = withoutGradient(() => tf.sum<tf.Scalar>(blockwise(blocks, blocks.size, (block) => {
    const { divisor } = blocks.compute(block)
    isSaid = divisor !== undefined
    return tf.reshape(divisor ?? tf.scalar(0), [1])
  })))
  return isSaid ? sum : undefined
}
