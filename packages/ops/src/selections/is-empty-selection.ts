import * as tf from '@tensorflow/tfjs-core'
import type { Compared, LabelRelations, PairWeights, Selection, SelectionIndices } from '@metric-learning/contracts'
import { withoutGradient } from '../gradients/without-gradient.js'
import { mapPairRule, ruleOf } from './pair-rules.js'
import { selectAllPairs } from './select-all.js'
import { mapRule } from './triplet-rules.js'

/**
 * Whether a loss finds nothing to compare in what is selected, so that it is 0 whatever the embeddings are: 1, otherwise 0, int32 [].
 *
 * @param selection `undefined`: all that the labels allow
 * @param compares what the loss has to find
 * @param count of a selection by a rule, where it is known: any number that is above 0 where there is something
 */
export function isEmptySelection(selection: Selection | SelectionIndices | undefined, relations: LabelRelations, compares: Compared, count?: tf.Scalar): tf.Scalar {
  return withoutGradient(() => {
    const found = count ?? (selection ? foundIn(selection, compares) : foundByLabels(relations, compares))
    if (compares !== 'batch' || !selection) return isNot(found)
    return tf.maximum<tf.Scalar>(isNot(found), isNot(foundByLabels(relations, compares)))
  })
}

/** Some number that is above 0 where what a loss compares is there; on the host where it is known there. */
type Found = boolean | tf.Tensor

const isNot = (found: Found): tf.Scalar => (typeof found === 'boolean' ? tf.scalar(found ? 0 : 1, 'int32') : tf.cast(tf.lessEqual(found, 0), 'int32')) as tf.Scalar

function foundByLabels(relations: LabelRelations, compares: Compared): Found {
  if (compares === 'embeddings') return true
  if (compares === 'pairs') return relations.hasPositives || relations.hasNegatives
  return relations.hasTriplets ?? foundFor(foundInPairs(selectAllPairs(relations)), 'triplets')
}

function foundIn(selection: Selection | SelectionIndices, compares: Compared): Found {
  if ('anchor' in selection) return selection.anchor.length > 0
  if ('anchor1' in selection) {
    const { anchor1, anchor2 } = selection
    if (compares === 'triplets') return Array.from(anchor1).some((anchor) => Array.prototype.includes.call(anchor2, anchor))
    return compares === 'bothPairs' ? anchor1.length > 0 && anchor2.length > 0 : anchor1.length + anchor2.length > 0
  }
  if (selection.kind === 'pairs') {
    const rule = ruleOf(selection)
    return foundFor(rule ? tf.sum(mapPairRule(rule, (weights) => ({ found: tf.expandDims(foundInPairs(weights), 0) })).found, 0) : foundInPairs(selection), compares)
  }
  // Each triplet has a pair of either kind.
  return selection.kind === 'tripletRule' ? tf.sum(mapRule(selection, (weights) => tf.sum(weights, [1, 2]))) : tf.max(selection.weights)
}

/** What there is among weights of pairs, above 0 each: positive ones, negative ones, and anchors with both. float32 [3]; may be added up. */
export function foundInPairs({ positive, negative }: PairWeights): tf.Tensor1D {
  const [ofPositives, ofNegatives] = [tf.max(positive, 1), tf.max(negative, 1)]
  return tf.stack([ofPositives, ofNegatives, tf.minimum(ofPositives, ofNegatives)].map((most) => tf.max<tf.Scalar>(most))) as tf.Tensor1D
}

/** Whether what was found is what a loss compares: above 0, float32 []. */
export function foundFor(found: tf.Tensor1D, compares: Compared): tf.Scalar {
  const [positive, negative, triplet] = tf.unstack(found) as [tf.Scalar, tf.Scalar, tf.Scalar]
  if (compares === 'triplets') return triplet
  return compares === 'bothPairs' ? tf.minimum(positive, negative) : tf.maximum(positive, negative)
}
