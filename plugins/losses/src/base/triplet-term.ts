import * as tf from '@tensorflow/tfjs-core'
import type { Block, BlockInputs, LossTerm } from '@metric-learning/contracts'
import { blockwise, rowsOfBlock, withoutGradient } from '@metric-learning/ops'
import { blockedTerm } from './blocked-term.js'
import { joinedWeights, type TripletWeights } from './triplet-weights.js'

/** Some anchors: what the loss is computed from, the rows of their positives [rows, k], and how often each triplet counts. */
export interface TripletBlock extends Omit<Block, 'constants'> {
  readonly positiveIndex: tf.Tensor2D
  readonly weights: tf.Tensor3D
}

/** What a loss over triplets is computed from. */
export interface TripletFormula extends Pick<BlockInputs, 'rows' | 'whole'> {
  readonly triplets: TripletWeights
  /** References, m. */
  readonly references: number
  /** The values of a block, float32 [rows, k, m], and its part of the divisor. Knows no tensors but those it is given. */
  readonly values: (block: TripletBlock) => { readonly values: tf.Tensor; readonly divisor?: tf.Scalar }
  /** Anchors in a block. Default: as many as {@link rowsOfBlock} allows for [rows, k, m]. */
  readonly blockSize?: number
}

/** A term over triplets [n, k, m], in blocks of anchors where it is larger than {@link blockBytes}. */
export function tripletTerm(formula: TripletFormula): LossTerm {
  const { triplets, references, rows, whole = [], values } = formula
  const { positiveIndex, parts } = triplets
  return blockedTerm('triplet', {
    size: formula.blockSize ?? rowsOfBlock(positiveIndex.shape[1] * references),
    rows,
    whole,
    constants: [positiveIndex, ...parts],
    compute: ({ constants: [index, ...own], ...block }) => {
      const weights = joinedWeights(own)
      return { ...values({ ...block, positiveIndex: index as tf.Tensor2D, weights }), weights }
    },
  })
}

/** What the values of a term over triplets, whole or in blocks, are to be divided by. */
export function divisorOf(term: LossTerm): tf.Scalar {
  const { blocks } = term
  if (!blocks) return term.divisor!
  return withoutGradient(() => tf.sum<tf.Scalar>(blockwise(blocks, blocks.size, (block) => tf.reshape(blocks.compute(block).divisor!, [1]))))
}
