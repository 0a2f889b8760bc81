import * as tf from '@tensorflow/tfjs-core'
import { gatherColumns, toPairSelection } from '@metric-learning/ops'
import type { PairSelection, PickedTriplets } from '@metric-learning/contracts'
import { largest, smallest } from './measures.js'
import type { MinerInputs } from './metric-miner.js'

type Selected = PairSelection | PickedTriplets
type Measure = (selection: Selected, inputs: MinerInputs) => tf.Scalar

/**
 * The extremes among the pairs that are selected, as distances; and of triplets how much farther the positive is than the negative, of
 * a similarity how much less similar. 0 where there is none.
 */
export const pairExtremes = {
  easiestPosPair: ofPairs('positive', smallest),
  hardestPosPair: ofPairs('positive', largest),
  easiestNegPair: ofPairs('negative', largest),
  hardestNegPair: ofPairs('negative', smallest),
} as const

/** The same of the triplets that pairs of one anchor each make. */
export const tripletExtremes = {
  easiestTriplet: ofTriplets(smallest),
  hardestTriplet: ofTriplets(largest),
} as const

/** Extremes of how far pairs are apart, told as the distance has it. */
function ofPairs(kind: 'positive' | 'negative', extreme: typeof largest): Measure {
  return (selection, { apart, distance }) => {
    const found = extreme(apart(), toPairSelection(selection)[kind])
    return distance.isInverted ? tf.sub(0, found) : found
  }
}

function ofTriplets(extreme: typeof largest): Measure {
  return (selection, { apart }) => {
    if (selection.kind === 'pickedTriplets') {
      const violation = tf.sub(gatherColumns(apart(), selection.positiveIndex), gatherColumns(apart(), selection.negativeIndex))
      return extreme(violation, selection.weights)
    }
    const ofAnchor = (weights: tf.Tensor2D) => tf.divNoNan(tf.sum(tf.mul(apart(), weights), 1), tf.sum(weights, 1))
    const exists = tf.mul(tf.sum(selection.positive, 1), tf.sum(selection.negative, 1))
    return extreme(tf.sub(ofAnchor(selection.positive), ofAnchor(selection.negative)), exists)
  }
}
