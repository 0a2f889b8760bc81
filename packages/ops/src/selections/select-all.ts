import * as tf from '@tensorflow/tfjs-core'
import type { LabelRelations, PairSelection, TripletSelection } from '@metric-learning/contracts'

/** Every positive and every negative pair the labels allow, each with weight 1. */
export function selectAllPairs(relations: LabelRelations): PairSelection {
  return { kind: 'pairs', positive: relations.positives(), negative: relations.negatives() }
}

/** Every triplet the labels allow, each with weight 1. */
export function selectAllTriplets(relations: LabelRelations): TripletSelection {
  const weights = tf.tidy(() =>
    tf.mul<tf.Tensor3D>(tf.expandDims(relations.positiveIndexMask, 2), tf.expandDims(relations.negatives(), 1)),
  )
  return { kind: 'triplets', positiveIndex: relations.positiveIndex, weights }
}
