import * as tf from '@tensorflow/tfjs-core'

/** How often each triplet of an anchor, its j-th positive and a negative is selected; constants. */
export interface TripletWeights {
  /** For each anchor the reference rows of its positives, padded: int32 [n, k]. */
  readonly positiveIndex: tf.Tensor2D
  /** The weights [n, k, m] themselves, or what they are products of: weights of positives [n, k] and of negatives [n, m]. */
  readonly parts: readonly [tf.Tensor3D] | readonly [ofPositives: tf.Tensor2D, ofNegatives: tf.Tensor2D]
}

/** The weights from their parts, or those of some anchors from theirs: float32 [rows, k, m]. */
export function joinedWeights([first, ofNegatives]: readonly tf.Tensor[]): tf.Tensor3D {
  if (!ofNegatives) return first as tf.Tensor3D
  return tf.mul(tf.expandDims(first!, 2), tf.expandDims(ofNegatives, 1))
}

/** How often each anchor is selected: float32 [n]. */
export function anchorCounts({ parts: [first, ofNegatives] }: TripletWeights): tf.Tensor1D {
  if (!ofNegatives) return tf.sum(first, [1, 2])
  return tf.mul<tf.Tensor1D>(tf.sum(first, 1), tf.sum(ofNegatives, 1))
}
