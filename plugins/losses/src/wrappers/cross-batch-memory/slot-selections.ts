import * as tf from '@tensorflow/tfjs-core'
import type { LabelRelations, PairSelection, Selection, SelectionIndices, TripletSelection } from '@metric-learning/contracts'
import { joinPairs, mapPairs, selectionFromIndices, toPairSelection, toTripletSelection, weighPositives } from '@metric-learning/ops'

/** A selection against a memory without the positives that are the anchors themselves, in their slots: int32 [n]. */
export function withoutSelf(selection: Selection, slots: tf.Tensor1D): Selection {
  const own = tf.expandDims(slots, 1)
  if (selection.kind === 'pairs') {
    return mapPairs(selection, [own], ({ positive, negative }, [slot]) => {
      const columns = tf.range(0, positive.shape[1], 1, 'int32')
      const isOther = tf.cast(tf.notEqual(tf.expandDims(columns, 0), slot!), 'float32')
      return { positive: tf.mul(positive, isOther), negative }
    })
  }
  const isOther = tf.cast(tf.notEqual<tf.Tensor2D>(selection.positiveIndex, own), 'float32')
  if (selection.kind === 'pickedTriplets') return { ...selection, weights: tf.mul<tf.Tensor2D>(selection.weights, isOther) }
  if (selection.kind === 'tripletRule') return weighPositives(selection, isOther)
  return { ...selection, weights: tf.mul<tf.Tensor3D>(selection.weights, tf.expandDims(isOther, 2)) }
}

/**
 * Adds what a caller selected within the batch to a selection against a memory that holds the batch in `slots`. It takes
 * the form, pairs or triplets, of the latter.
 *
 * @param batch the batch compared with itself
 */
export function addWithinBatch(
  selection: Selection,
  given: Selection | SelectionIndices,
  batch: LabelRelations,
  slots: tf.Tensor1D,
): Selection {
  const rows = batch.queryCount
  const columns = selection.kind === 'pairs' ? selection.positive.shape[1] : selection.kind === 'triplets' ? selection.weights.shape[2] : selection.referenceCount
  const place = tf.oneHot(slots, columns, 1, 0, 'float32') as tf.Tensor2D
  if (selection.kind === 'pairs') {
    const { positive, negative } = toPairSelection('kind' in given ? given : selectionFromIndices(given, batch))
    return addPairs(selection, { positive: tf.matMul(positive, place), negative: tf.matMul(negative, place) })
  }
  const listed = 'anchor1' in given ? joinPairs(given) : given
  const dense = 'kind' in listed ? listed : selectionFromIndices(listed, batch)
  const { positiveIndex, weights } = toTripletSelection(dense, batch)
  const flat = tf.reshape<tf.Rank.R2>(weights, [-1, rows])
  return addTriplets(toTripletSelection(selection, batch), {
    kind: 'triplets',
    positiveIndex: tf.gather(slots as tf.Tensor, positiveIndex) as tf.Tensor2D,
    weights: tf.reshape(tf.matMul(flat, place), [rows, weights.shape[1], columns]),
  })
}

function addPairs(a: PairSelection, b: Omit<PairSelection, 'kind'>): PairSelection {
  return { kind: 'pairs', positive: tf.add(a.positive, b.positive), negative: tf.add(a.negative, b.negative) }
}

function addTriplets(a: TripletSelection, b: TripletSelection): TripletSelection {
  return {
    kind: 'triplets',
    positiveIndex: tf.concat([a.positiveIndex, b.positiveIndex], 1),
    weights: tf.concat([a.weights, b.weights], 1),
  }
}
