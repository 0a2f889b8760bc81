import type * as tf from '@tensorflow/tfjs-core'

/** Which pairs a loss looks at, as weights on the device (0 = not selected; 2 = counted twice). */
export interface PairSelection {
  readonly kind: 'pairs'
  /** Weight of each (anchor, reference) as a positive pair: float32 [n, m]. */
  readonly positive: tf.Tensor2D
  /** Weight of each (anchor, reference) as a negative pair: float32 [n, m]. */
  readonly negative: tf.Tensor2D
}

/** Which triplets a loss looks at, as weights on the device. k is the largest number of positives of an anchor. */
export interface TripletSelection {
  readonly kind: 'triplets'
  /** For each anchor the reference rows of its positives, padded: int32 [n, k]. */
  readonly positiveIndex: tf.Tensor2D
  /** Weight of the triplet (anchor, its j-th positive, reference as negative): float32 [n, k, m]; 0 at padding. */
  readonly weights: tf.Tensor3D
}

/** What a miner selects and a loss takes. Tensors on the device: reading them is never needed in a step. */
export type Selection = PairSelection | TripletSelection

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
