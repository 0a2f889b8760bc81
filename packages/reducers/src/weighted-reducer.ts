import * as tf from '@tensorflow/tfjs-core'
import type { Block, LabelRelations, LossTerm, LossTerms, TermBlock, TermBlocks } from '@metric-learning/contracts'
import { divNoNan, sumsOfBlocks, withoutGradient } from '@metric-learning/ops'
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

  /** What is added up, where a term says it without its values. Default: it is worked out of values. */
  protected known(_term: LossTerm): readonly [sum: tf.Scalar, divisor: tf.Scalar] | undefined {
    return undefined
  }

  /** From what was added up to the result. */
  protected divide(sum: tf.Scalar, divisor: tf.Scalar): tf.Scalar {
    return tf.mul(sum, withoutGradient(() => divNoNan<tf.Scalar>(tf.scalar(1), divisor)))
  }

  override reduce(term: LossTerm, labels: LabelRelations, name: string): tf.Scalar {
    const known = tf.tidy(() => {
      const sums = this.known(term)
      return sums && this.divide(...sums)
    })
    if (known) return known
    const { blocks } = term
    return blocks ? this.#reduceBlocks(blocks, { [name]: term as BlockedTerm }, labels) : super.reduce(term, labels, name)
  }

  reduceAll(terms: LossTerms, labels: LabelRelations): tf.Scalar {
    return tf.tidy(() => {
      // Not to be asked for blocks: what is known is not formed.
      const unknown = Object.values(terms).filter((term) => !this.known(term))
      const common = unknown.find(({ blocks }) => blocks)?.blocks
      const isCommon = (term: LossTerm) => common && unknown.includes(term) && term.blocks && sharesBlocks(term.blocks, common)
      const [together, alone] = [true, false].map((wanted) => Object.entries(terms).filter(([, term]) => !!isCommon(term) === wanted)) as [[string, BlockedTerm][], [string, LossTerm][]]
      const ofBlocks = common ? [this.#reduceBlocks(common, Object.fromEntries(together), labels)] : []
      const numbers = [...ofBlocks, ...alone.map(([name, term]) => this.reduce(term, labels, name))]
      return numbers.length === 1 ? numbers[0]! : tf.addN(numbers)
    })
  }

  protected reduceSelected(term: UnreducedTerm, labels: LabelRelations, name: string): tf.Scalar {
    return this.divide(...this.#sums(term, this.factors(term, labels), name))
  }

  /** Terms in the same blocks, reduced and added up. */
  #reduceBlocks(common: TermBlocks, terms: Readonly<Record<string, BlockedTerm>>, labels: LabelRelations): tf.Scalar {
    return tf.tidy(() => {
      const { size, rows, whole = [], constants = [] } = common
      const entries = Object.entries(terms)
      const factors = entries.map(([, term]) => this.factors(term, labels))
      const given = { rows, whole, constants: [...constants, ...factors.filter((each) => each !== undefined)] }
      const functions = entries.map(([name, { blocks }], i) => (block: Block) => {
        const term = blocks.compute({ ...block, constants: block.constants.slice(0, constants.length) })
        const own = factors[i] && (block.constants[constants.length + factors.slice(0, i).filter((each) => each !== undefined).length] as tf.Tensor1D)
        return tf.stack(this.#sums(term, own, name)) as tf.Tensor1D
      })
      const sums = tf.unstack(tf.reshape(sumsOfBlocks(given, size, functions), [-1])) as tf.Scalar[]
      const numbers = entries.map((_, i) => this.divide(sums[2 * i]!, sums[2 * i + 1]!))
      return numbers.length === 1 ? numbers[0]! : tf.addN(numbers)
    })
  }

  #sums(term: TermBlock, factors: tf.Tensor1D | undefined, name: string): [sum: tf.Scalar, divisor: tf.Scalar] {
    const { weights, divisor } = this.count(term, name)
    const ofAnchors = factors && tf.reshape(factors, [-1, ...term.values.shape.slice(1).map(() => 1)])
    const sum = weightedSum(term.values, ofAnchors ? tf.mul(weights, ofAnchors) : weights)
    return [sum, withoutGradient(() => tf.clone(divisor))]
  }
}

type BlockedTerm = LossTerm & Required<Pick<LossTerm, 'blocks'>>

/** Whether terms are computed from the very same blocks. */
const sharesBlocks = (one: TermBlocks, other: TermBlocks): boolean =>
  one.size === other.size && one.rows === other.rows && one.whole === other.whole && one.constants === other.constants
