import type * as tf from '@tensorflow/tfjs-core'
import type { Block, BlockInputs } from './loss.js'

/** Weights of pairs on the device (0 = not selected; 2 = counted twice). */
export interface PairWeights {
  /** Weight of each (anchor, reference) as a positive pair: float32 [n, m]. */
  readonly positive: tf.Tensor2D
  /** Weight of each (anchor, reference) as a negative pair: float32 [n, m]. */
  readonly negative: tf.Tensor2D
}

/** Which pairs a loss looks at, as weights on the device. */
export interface PairSelection extends PairWeights {
  readonly kind: 'pairs'
  /** What the weights follow from, where they are formed when somebody asks for them: `pairsByRule` of ops. */
  readonly rule?: PairRule
}

/**
 * Pairs by a rule: their weights, formed for some anchors at a time, so that [n, m] is never there as a whole. What it holds are
 * constants.
 */
export interface PairRule extends Required<Pick<BlockInputs, 'constants' | 'whole'>> {
  /** Rows of the references, m. */
  readonly referenceCount: number
  /**
   * The weights of the pairs of some anchors: float32 [rows, m] each. It knows no tensors but those that it is given (and variables),
   * and is called more than once.
   */
  weights(block: Pick<Block, 'constants' | 'whole' | 'start'>): PairWeights
}

/** Which triplets a loss looks at, as weights on the device. k is the largest number of positives of an anchor. */
export interface TripletSelection {
  readonly kind: 'triplets'
  /** For each anchor the reference rows of its positives, padded: int32 [n, k]. */
  readonly positiveIndex: tf.Tensor2D
  /** Weight of the triplet (anchor, its j-th positive, reference as negative): float32 [n, k, m]; 0 at padding. */
  readonly weights: tf.Tensor3D
}

/**
 * Triplets by a rule: the weights of a {@link TripletSelection}, formed for some anchors at a time, so that [n, k, m] is never
 * there as a whole. What it holds are constants.
 */
export interface TripletRule extends Required<Pick<BlockInputs, 'constants' | 'whole'>> {
  readonly kind: 'tripletRule'
  /** For each anchor the reference rows of its positives, padded: int32 [n, k]. */
  readonly positiveIndex: tf.Tensor2D
  /** Rows of the references, m. */
  readonly referenceCount: number
  /**
   * The weights of the triplets of some anchors: float32 [rows, k, m]; 0 at padding. It knows no tensors but those that it is
   * given (and variables), and is called more than once.
   */
  weights(block: Pick<Block, 'constants' | 'whole'>): tf.Tensor3D
}

/** Some triplets of each anchor, picked one by one: drawn, or the hardest. t of each, some of which may count as nothing. */
export interface PickedTriplets {
  readonly kind: 'pickedTriplets'
  /** Reference rows of the positives: int32 [n, t]. */
  readonly positiveIndex: tf.Tensor2D
  /** Reference rows of the negatives: int32 [n, t]. */
  readonly negativeIndex: tf.Tensor2D
  /** How often each triplet counts; 0 where the anchor has none to pick: float32 [n, t]. */
  readonly weights: tf.Tensor2D
  /** Rows of the references, m. */
  readonly referenceCount: number
}

/** What a miner selects and a loss takes. Tensors on the device: reading them is never needed in a step. */
export type Selection = PairSelection | TripletSelection | TripletRule | PickedTriplets

/** Pairs by row numbers, PyTorch Metric Learning's 4-tuple with names. An interchange form. */
export interface PairIndices {
  readonly anchor1: ArrayLike<number>
  readonly positive: ArrayLike<number>
  readonly anchor2: ArrayLike<number>
  readonly negative: ArrayLike<number>
}

/** Triplets by row numbers, PyTorch Metric Learning's 3-tuple with names. An interchange form. */
export interface TripletIndices {
  readonly anchor: ArrayLike<number>
  readonly positive: ArrayLike<number>
  readonly negative: ArrayLike<number>
}

export type SelectionIndices = PairIndices | TripletIndices
