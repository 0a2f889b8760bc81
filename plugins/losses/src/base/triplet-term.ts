import * as tf from '@tensorflow/tfjs-core'
import { blockwise, rowsOfBlock, withoutGradient, type Block, type BlockInputs, type LossTerm, type TermBlock, type TermBlocks } from '@metric-learning/core'
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

/** A term over triplets [n, k, m], in blocks of anchors where it is too large to be formed whole. */
export function tripletTerm(formula: TripletFormula): LossTerm {
  const { triplets, references, rows, whole = [], values } = formula
  const { positiveIndex, parts } = triplets
  const [count, positives] = positiveIndex.shape
  const size = formula.blockSize ?? rowsOfBlock(positives * references)
  const compute = (block: Block): TermBlock => {
    const [index, ...own] = block.constants
    const weights = joinedWeights(own)
    return { ...values({ ...block, positiveIndex: index as tf.Tensor2D, weights }), weights }
  }
  const constants = [positiveIndex, ...parts]
  if (size >= count) return { over: 'triplet', ...compute({ rows, whole, constants }) }
  return blockedTerm({ size, rows, whole, constants, compute })
}

/** What the values of a term over triplets, whole or in blocks, are to be divided by. */
export function divisorOf(term: LossTerm): tf.Scalar {
  const { blocks } = term
  if (!blocks) return term.divisor!
  return withoutGradient(() => tf.sum<tf.Scalar>(blockwise(blocks, blocks.size, (block) => tf.reshape(blocks.compute(block).divisor!, [1]))))
}

/** A term whose values are formed when they are asked for. */
function blockedTerm(blocks: TermBlocks): LossTerm {
  const { rows, whole = [], constants = [] } = blocks
  let formed: TermBlock | undefined
  const form = () => (formed ??= blocks.compute({ rows, whole, constants }))
  return {
    over: 'triplet',
    blocks,
    get values() {
      return form().values
    },
    get weights() {
      return form().weights
    },
    get divisor() {
      return form().divisor!
    },
  }
}
