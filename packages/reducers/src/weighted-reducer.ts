import * as tf from '@tensorflow/tfjs-core'
import type { LabelRelations, LossTerm, TermBlock, TermBlocks } from '@metric-learning/contracts'
import { blockwise, divNoNan, withoutGradient } from '@metric-learning/ops'
import { SelectionReducer, type UnreducedTerm } from './selection-reducer.js'
import { weightedSum } from './weighted-sum.js'

/** How the values of a term count; no gradient flows here. */
export interface Counted {
  /** How often each value counts in the sum, of the shape of the values. */
  readonly weights: tf.Tensor
  /** What the sum is divided by: float32 []. */
  readonly divisor: tf.Scalar
}

/**
 * The sum of weighed values divided by something that adds up likewise, Σ w v / divisor; 0 with gradient 0 for the divisor
 * 0. Values v and weights w are over elements [n], pairs [n, m] or triplets [n, k, m]; the result is float32 []. Terms that
 * are too large for memory are reduced by blocks of anchors. A reducer of one's own says how values count:
 *
 * @example
 * class AboveOneReducer extends WeightedReducer {
 *   constructor() {
 *     super('AboveOneReducer')
 *   }
 *   protected count({ values, weights }: TermBlock) {
 *     const counted = tf.mul(weights, tf.cast(tf.greater(values, 1), 'float32'))
 *     return { weights: counted, divisor: tf.sum<tf.Scalar>(counted) }
 *   }
 * }
 */
export abstract class WeightedReducer extends SelectionReducer {
  /**
   * How the values of a term, or of a block of it, count.
   *
   * @param name the term's name
   */
  protected abstract count(term: TermBlock, name: string): Counted

  /** Factors of the values of each anchor, float32 [n]. Default: none. */
  protected factors(_term: LossTerm, _labels: LabelRelations): tf.Tensor1D | undefined {
    return undefined
  }

  /** From what was added up to the result. */
  protected divide(sum: tf.Scalar, divisor: tf.Scalar): tf.Scalar {
    return tf.mul(sum, withoutGradient(() => divNoNan<tf.Scalar>(tf.scalar(1), divisor)))
  }

  override reduce(term: LossTerm, labels: LabelRelations, name: string): tf.Scalar {
    const { blocks } = term
    if (!blocks) return super.reduce(term, labels, name)
    return tf.tidy(() => this.#reduceBlocks(blocks, this.factors(term, labels), name))
  }

  protected reduceSelected(term: UnreducedTerm, labels: LabelRelations, name: string): tf.Scalar {
    return this.divide(...this.#sums(term, this.factors(term, labels), name))
  }

  #reduceBlocks(blocks: TermBlocks, factors: tf.Tensor1D | undefined, name: string): tf.Scalar {
    const { size, rows, whole = [], constants = [] } = blocks
    const given = { rows, whole, constants: factors ? [...constants, factors] : constants }
    const sums = blockwise(given, size, (block) => {
      const term = blocks.compute({ ...block, constants: block.constants.slice(0, constants.length) })
      const own = factors && (block.constants.at(-1) as tf.Tensor1D)
      return tf.expandDims(tf.stack(this.#sums(term, own, name)), 0)
    })
    return this.divide(...(tf.unstack(tf.sum(sums, 0)) as [tf.Scalar, tf.Scalar]))
  }

  #sums(term: TermBlock, factors: tf.Tensor1D | undefined, name: string): [sum: tf.Scalar, divisor: tf.Scalar] {
    const { weights, divisor } = this.count(term, name)
    const ofAnchors = factors && tf.reshape(factors, [-1, ...term.values.shape.slice(1).map(() => 1)])
    const sum = weightedSum(term.values, ofAnchors ? tf.mul(weights, ofAnchors) : weights)
    return [sum, withoutGradient(() => tf.clone(divisor))]
  }
}
