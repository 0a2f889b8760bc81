import * as tf from '@tensorflow/tfjs-core'
import type { Selection } from '@metric-learning/contracts'
import { mapRule } from './triplet-rules.js'

/** How many pairs or triplets are selected, by what they are: float32 [] each; weights count as they are. */
export function countSelected(selection: Selection): Readonly<Record<string, tf.Scalar>> {
  // Rows first: sums of one number after the other lose the last ones beyond 2^24.
  const sum = (weights: tf.Tensor) => tf.sum<tf.Scalar>(tf.sum(tf.reshape(weights, [weights.shape[0]!, -1]), 1))
  if (selection.kind === 'pairs') return { numPosPairs: sum(selection.positive), numNegPairs: sum(selection.negative) }
  if (selection.kind === 'tripletRule') return { numTriplets: tf.sum<tf.Scalar>(mapRule(selection, (weights) => tf.sum(weights, [1, 2]))) }
  return { numTriplets: sum(selection.weights) }
}
