import * as tf from '@tensorflow/tfjs-core'
import type { LabelRelations } from '@metric-learning/contracts'
import { gatherColumns, valueBeside } from '@metric-learning/ops'

/** One reference of each anchor. */
export interface Extreme {
  /** Its row: int32 [n, 1]; any where there is none. */
  readonly index: tf.Tensor2D
  /** Its value; beyond any other where there is none: float32 [n, 1]. */
  readonly value: tf.Tensor2D
  /** 1, and 0 where an anchor has none: float32 [n, 1]. */
  readonly exists: tf.Tensor2D
}

/** Beyond any distance, similarity, angle or logarithm of a weight: stands in for "there is none". */
export const unreachable = 1e30

/** The largest value of each row among those with a mask above 0, the first of equals. */
export const largestOf = (values: tf.Tensor2D, mask: tf.Tensor2D): Extreme => extremeOf(values, mask, ofLargest)

/** The smallest value of each row among those with a mask above 0, the first of equals. */
export const smallestOf = (values: tf.Tensor2D, mask: tf.Tensor2D): Extreme => extremeOf(values, mask, ofSmallest)

/** The largest value of each row among its positives: looked up in their list where that has all of them and is short. */
export function largestOfPositives(values: tf.Tensor2D, relations: LabelRelations): Extreme {
  if (!isShortlyListed(relations)) return largestOf(values, relations.positives())
  const { index, ...extreme } = largestOf(gatherColumns(values, relations.positiveIndex), relations.positiveIndexMask)
  return { ...extreme, index: gatherColumns(relations.positiveIndex, index) }
}

/** The smallest value of each row among its negatives: within one set, those that are none are struck out where their list is short. */
export function smallestOfNegatives(values: tf.Tensor2D, relations: LabelRelations): Extreme {
  if (!relations.sameSet || !isShortlyListed(relations)) return smallestOf(values, relations.negatives())
  const { positiveIndex, positiveIndexMask, queryCount } = relations
  const own = tf.expandDims(tf.range(0, queryCount, 1, 'int32'), 1) as tf.Tensor2D
  const isPositive = tf.cast(positiveIndexMask, 'int32')
  // At padding the row itself once more.
  const positives = tf.add(own, tf.mul(tf.sub(positiveIndex, own), isPositive))
  const columns = tf.concat([own, positives] as tf.Tensor2D[], 1)
  const places = tf.reshape(tf.stack([tf.tile(own, [1, columns.shape[1]]), columns], 2), [-1, 2])
  return firstExtreme(tf.tensorScatterUpdate(values, places, tf.fill([columns.size], unreachable)) as tf.Tensor2D, ofSmallest)
}

/** Whether a list has all positives of each row, and is so short that looking them up costs less than a mask. */
const isShortlyListed = ({ referenceLabels, referenceCount, maxPositives }: LabelRelations): boolean =>
  // Of labels on the device a list may leave some out.
  referenceLabels.length > 0 && shortList * maxPositives <= referenceCount

/** How many times fewer positives than references are a short list. */
const shortList = 4

interface Kind {
  readonly placeOf: typeof tf.argMax
  /** Stands in for what has no mask. */
  readonly none: number
  readonly isBefore: typeof tf.greater
}

const ofLargest: Kind = { placeOf: tf.argMax, none: -unreachable, isBefore: tf.greater }
const ofSmallest: Kind = { placeOf: tf.argMin, none: unreachable, isBefore: tf.less }

const extremeOf = (values: tf.Tensor2D, mask: tf.Tensor2D, kind: Kind): Extreme =>
  firstExtreme(tf.where(tf.greater<tf.Tensor>(mask, 0), values as tf.Tensor, valueBeside(values, kind.none)) as tf.Tensor2D, kind)

/** Of each row, in which what is none counts as beyond any. */
function firstExtreme(among: tf.Tensor2D, { placeOf, none, isBefore }: Kind): Extreme {
  const index = tf.expandDims(placeOf<tf.Tensor1D>(among, 1), 1) as tf.Tensor2D
  const value = gatherColumns(among, index)
  return { index, value, exists: tf.cast(isBefore<tf.Tensor2D>(value, none), 'float32') }
}

/** 1 at the reference of each anchor, if it has one, else 0: float32 [n, m]. */
export function atExtreme({ index, exists }: Extreme, referenceCount: number): tf.Tensor2D {
  return tf.mul(tf.cast(tf.equal(tf.range(0, referenceCount, 1, 'int32'), index), 'float32'), exists)
}
