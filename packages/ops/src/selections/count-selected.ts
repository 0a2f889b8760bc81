import * as tf from '@tensorflow/tfjs-core'
import type { Selection } from '@metric-learning/contracts'
import { mapPairRule, ruleOf } from './pair-rules.js'
import { mapRule } from './triplet-rules.js'

/** How many pairs or triplets are selected, by what they are: float32 [] each; weights count as they are. */
export function countSelected(selection: Selection): Readonly<Record<string, tf.Scalar>> {
  // Rows first: sums of one number after the other lose the last ones beyond 2^24.
  const sum = (weights: tf.Tensor) => tf.sum<tf.Scalar>(tf.sum(tf.reshape(weights, [weights.shape[0]!, -1]), 1))
  const rule = selection.kind === 'pairs' ? ruleOf(selection) : undefined
  if (rule) {
    const { numPosPairs, numNegPairs } = mapPairRule(rule, ({ positive, negative }) => ({ numPosPairs: tf.sum(positive, 1), numNegPairs: tf.sum(negative, 1) }))
    return { numPosPairs: tf.sum<tf.Scalar>(numPosPairs), numNegPairs: tf.sum<tf.Scalar>(numNegPairs) }
  }
  if (selection.kind === 'pairs') return { numPosPairs: sum(selection.positive), numNegPairs: sum(selection.negative) }
  if (selection.kind === 'tripletRule') return { numTriplets: tf.sum<tf.Scalar>(mapRule(selection, (weights) => tf.sum(weights, [1, 2]))) }
  return { numTriplets: sum(selection.weights) }
}
