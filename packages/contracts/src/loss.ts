import type * as tf from '@tensorflow/tfjs-core'
import type { LabelRelations, Labels, ReferenceLabels } from './labels/label-relations.js'
import type { JudgeObserver } from './judge-observer.js'
import type { Miner } from './miner.js'
import type { Selection, SelectionIndices } from './selection.js'
import type { Parameters } from './module.js'

/** A reference set to compare a batch with, instead of with itself. */
export interface References extends Omit<ReferenceLabels, 'refLabels'> {
  /** float32 [m, dim] */
  readonly refEmbeddings: tf.Tensor2D
  /** One label a row. Absent only where there are no labels at all: see the loss. */
  readonly refLabels?: Labels
}

/** What a loss may be told besides embeddings and labels. */
export interface ComputeOptions {
  /** The pairs or triplets to look at: a miner's dense selection, or index tuples. Default: all that the labels allow. */
  readonly selection?: Selection | SelectionIndices
  /** A reference set. Default: the batch itself. */
  readonly references?: References
  /**
   * Where random draws stand, for losses that draw: int32 [3], `drawPosition` of ops. Within a run it follows from seed, epoch and
   * batch. Default: the loss draws anew in each call, and keeps in a buffer how far it is.
   */
  readonly position?: tf.Tensor1D
  /** Is told the terms of the loss, and what the losses and miners within find. A loss without either leaves it alone. */
  readonly observer?: JudgeObserver
}

/** What a function over blocks of rows is computed from. */
export interface BlockInputs {
  /** Handed over in blocks of rows; gradients flow to them. */
  readonly rows: readonly tf.Tensor[]
  /** Handed to each block as they are; gradients flow to them. */
  readonly whole?: readonly tf.Tensor[]
  /** Handed over in blocks of rows; constants. */
  readonly constants?: readonly tf.Tensor[]
}

/** The inputs of one block. */
export type Block = Required<{ readonly [K in keyof BlockInputs]: readonly tf.Tensor[] }> & {
  /** The first of its rows among all. */
  readonly start: number
}

/** What one value of a loss term stands for. */
export type TermUnit = 'element' | 'pair' | 'triplet' | 'reduced'

/** One unreduced part of a loss: values and how much each counts. */
export interface LossTerm {
  /**
   * What one value is about. The first axis is always the anchor, except for `'reduced'`:
   * `'element'` float32 [n], `'pair'` float32 [n, m], `'triplet'` float32 [n, k, m], `'reduced'` float32 [].
   */
  readonly over: TermUnit
  /** The loss of each element, pair or triplet. Finite also where the weight is 0. */
  readonly values: tf.Tensor
  /** How often each value counts, of the same shape; 0 = not selected. Absent for `'reduced'`. No gradient flows here. */
  readonly weights?: tf.Tensor
  /** What a DivisorReducer divides by: float32 []. */
  readonly divisor?: tf.Scalar
  /** The class of each value along the first axis, where these are not the anchors but classes, say. Default: the anchors' labels. */
  readonly classes?: Int32Array
  /**
   * The same by blocks of anchors, where values and weights would be larger than {@link blockBytes}; those are formed when
   * they are asked for, which a reducer that takes blocks never does. Absent otherwise.
   */
  readonly blocks?: TermBlocks
  /**
   * What a reducer that asks for nothing else takes in place of values, where there is a way to it without them; those are formed when they
   * are asked for. Not enumerable: a copy of a term, with other values, say, has it no more. Absent otherwise.
   */
  aboveZero?(): ValuesAboveZero
}

/** What the values of a term add up to that are above 0, each counted by its weight. */
export interface ValuesAboveZero {
  /** Σ w v [v > 0]: float32 [] */
  readonly sum: tf.Scalar
  /** Σ w [v > 0]: float32 []. A constant. */
  readonly count: tf.Scalar
  /** Σ w, of all values, for whoever asks for it: float32 []. A constant. */
  all(): tf.Scalar
}

/** What one block of anchors has of a term. */
export type TermBlock = Required<Pick<LossTerm, 'values' | 'weights'>> & Pick<LossTerm, 'divisor'>

/** A term by blocks of anchors, for `blockwise`. */
export interface TermBlocks extends BlockInputs {
  /** Anchors in a block. */
  readonly size: number
  /** The values of a block, their weights, and the block's part of the divisor. */
  compute(block: Block): TermBlock
}

/** The named terms of a loss, reduced one by one and added up. */
export type LossTerms = Readonly<Record<string, LossTerm>>

/** From the terms of a loss to one number. */
export interface Reducer {
  readonly name: string
  /**
   * Checks that what it has been told of terms is about terms that there are. A loss calls it with its own before it reduces
   * them; absent where a reducer treats all terms alike.
   *
   * @param who the loss
   * @param terms the names of its terms
   * @throws {OptionError} when it was told of another term.
   */
  expectTerms?(who: string, terms: readonly string[]): void
  /**
   * @param term one term
   * @param labels labels of the anchors on the host, for reducers that weigh classes
   * @param name the term's name, for reducers that treat terms differently
   * @returns float32 [], 0 with gradient 0 when nothing is selected
   */
  reduce(term: LossTerm, labels: LabelRelations, name: string): tf.Scalar
  /**
   * The same of all terms of a loss, added up, for a reducer that takes blocks which several terms have in common once for all of
   * them. Default: {@link reduce} one by one.
   */
  reduceAll?(terms: LossTerms, labels: LabelRelations): tf.Scalar
}

/**
 * Whether a loss needs the labels of what it compares, does without but takes them (and computes something else then), or
 * refuses them.
 */
export type LabelUse = 'needed' | 'optional' | 'refused'

/**
 * What a loss has to find for its value to follow from the embeddings; with less it is 0, whatever they are.
 *
 * - `'pairs'`: any pair
 * - `'bothPairs'`: a positive pair and a negative one
 * - `'triplets'`: both of one anchor
 * - `'batch'`: the same among all that the labels allow, for a selection only says how much each embedding counts
 * - `'embeddings'`: an embedding, which it compares with classes, say
 *
 * The first three are looked for among what is selected or, without a selection, among all that the labels allow.
 */
export type Compared = 'pairs' | 'bothPairs' | 'triplets' | 'batch' | 'embeddings'

/** A loss within another, and who selects for it. */
export interface NestedJudge {
  readonly loss: Loss
  readonly miner?: Miner | undefined
}

/**
 * A loss. Works in the trainer and in a loop of one's own alike.
 *
 * What it can be given is said by {@link labels}, {@link takesReferences}, {@link needsReferences}, {@link takesSelections}, {@link overClasses} and {@link nested}:
 * whoever calls or wraps a loss goes by these, not by its class or name.
 */
export interface Loss {
  readonly name: string
  /** What it makes of labels. Default `'needed'`. */
  readonly labels?: LabelUse
  /** Whether `references` may be passed: it compares a batch with a reference set. Default true. */
  readonly takesReferences?: boolean
  /** Whether what it is for takes `references`, such as another view of each sample: the trainer refuses an objective without `against`. Default false. */
  readonly needsReferences?: boolean
  /** Whether a `selection` may be passed, and so whether a miner goes with it. Default true. */
  readonly takesSelections?: boolean
  /**
   * Whether its weights or boundaries are about the classes of a data set, so that labels which are made up for one batch make
   * no sense. Default false.
   */
  readonly overClasses?: boolean
  /** Whether it compares a batch with what it keeps of earlier ones, and their labels. Default false. */
  readonly remembersBatches?: boolean
  /** What it has to find to be other than 0. Default: `'embeddings'` of one {@link overClasses}, otherwise `'pairs'`. */
  readonly compares?: Compared
  /**
   * Losses within this one, by what they are called there, such as `losses.1`. It passes `observer.within(name)` on to each, as `judge` of
   * ops does. Absent: none.
   */
  readonly nested?: Readonly<Record<string, NestedJudge>>
  /** Numbers of an embedding that it takes, its last axis, such as those of its weights or a class each. Absent: any, or those of the losses within it. */
  readonly inputSize?: number | undefined
  /** Whether references may have more or fewer numbers than the embeddings. Default false. */
  readonly takesOtherSizes?: boolean
  /** The most embeddings that it takes at once, such as what fits into its memory. Absent: any number, or as many as the losses within it. */
  readonly maxBatchSize?: number | undefined
  /** Learnable weights of the loss; the trainer optimises and saves them with the model. Empty when there are none. */
  readonly parameters: Parameters
  /** What calls change by assignment, such as a running histogram; saved with the parameters. Absent when there is nothing. */
  readonly buffers?: Parameters
  /**
   * Checks labels against what the loss has classes for. The trainer calls it once with those of the
   * whole data set, since a captured step no longer checks those of each batch.
   */
  checkLabels?(labels: Int32Array): void
  /**
   * The value to minimise, float32 [].
   *
   * @param embeddings float32 [n, dim]
   * @param labels one integer a row, or relations that were worked out before; `undefined` where {@link labels} allows it
   */
  compute(embeddings: tf.Tensor2D, labels: Labels | LabelRelations | undefined, options?: ComputeOptions): tf.Scalar
}
