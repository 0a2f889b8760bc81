import * as tf from '@tensorflow/tfjs-core'
import type { LabelRelations, Selection } from '@metric-learning/contracts'
import { toPairSelection } from './convert-selection.js'

/**
 * How often each embedding occurs in a selection, divided by the largest count: float32 [n]. All 1
 * when nothing is selected. PyTorch Metric Learning's `convert_to_weights`.
 *
 * Within one set an embedding counts as anchor, as positive and as negative, in triplets once as
 * each; with a reference set as anchor only.
 */
export function elementWeights(
  selection: Selection,
  { sameSet, queryCount }: Pick<LabelRelations, 'sameSet' | 'queryCount'>,
): tf.Tensor1D {
  return tf.tidy(() => {
    const counts = sameSet ? occurrences(selection, queryCount) : asAnchor(selection)
    const largest = tf.max(counts)
    const isEmpty = tf.sub(1, tf.step(largest))
    return tf.div<tf.Tensor1D>(tf.add(counts, isEmpty), tf.add(largest, isEmpty))
  })
}

function occurrences(selection: Selection, queryCount: number): tf.Tensor {
  const { positive, negative } = toPairSelection(selection)
  const asOther = tf.sum(tf.add(positive, negative), 0)
  return tf.add(asAnchor(selection), tf.slice(asOther, 0, queryCount))
}

function asAnchor(selection: Selection): tf.Tensor {
  const { positive, negative } = toPairSelection(selection)
  // Each triplet has one negative.
  return tf.sum(selection.kind === 'pairs' ? tf.add(positive, negative) : negative, 1)
}
