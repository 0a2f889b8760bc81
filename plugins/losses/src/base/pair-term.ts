import type * as tf from '@tensorflow/tfjs-core'
import type { Block, BlockInputs, LossTerm } from '@metric-learning/contracts'
import { rowsOfBlock } from '@metric-learning/ops'
import { blockedTerm } from './blocked-term.js'

/** What a loss over pairs is computed from. */
export interface PairFormula extends BlockInputs {
  /** How often each pair counts: float32 [n, m]. */
  readonly weights: tf.Tensor2D
  /** The values of a block of anchors, float32 [rows, m]. Knows no tensors but those it is given. */
  readonly values: (block: Block) => tf.Tensor
}

/** A term over pairs [n, m], in blocks of anchors where it is larger than {@link blockBytes}. */
export function pairTerm({ weights, values, rows, whole = [], constants = [] }: PairFormula): LossTerm {
  return blockedTerm('pair', {
    size: rowsOfBlock(weights.shape[1]),
    rows,
    whole,
    constants: [weights, ...constants],
    compute: ({ constants: [own, ...others], ...block }) => ({ values: values({ ...block, constants: others }), weights: own! }),
  })
}
