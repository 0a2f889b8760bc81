import * as tf from '@tensorflow/tfjs-core'
import type { TripletRule } from '@metric-learning/contracts'
import { gatherColumns } from '@metric-learning/ops'
import type { MinerInputs } from './metric-miner.js'

/**
 * The triplets whose distances satisfy a condition, by blocks of anchors where [n, k, m] is too large at once.
 *
 * @param condition of how far positive and negative are from the anchor, [rows, k, 1] and [rows, 1, m], the larger the farther: a
 * similarity counts negatively. Gives bool [rows, k, m]; it knows no other tensors (but variables), and is called more than once
 * @example tripletsWhere(inputs, ({ ap, an }) => tf.less(an, ap))
 */
export function tripletsWhere({ relations, apart }: MinerInputs, condition: (distances: { readonly ap: tf.Tensor3D; readonly an: tf.Tensor3D }) => tf.Tensor): TripletRule {
  const { positiveIndex, positiveIndexMask, referenceCount } = relations
  const toReferences = apart()
  return {
    kind: 'tripletRule',
    positiveIndex,
    referenceCount,
    constants: [gatherColumns(toReferences, positiveIndex), positiveIndexMask, toReferences, relations.negatives()],
    whole: [],
    weights: ({ constants: [toPositives, isPositive, toNegatives, isNegative] }) => {
      const [ap, an] = [tf.expandDims(toPositives!, 2), tf.expandDims(toNegatives!, 1)] as [tf.Tensor3D, tf.Tensor3D]
      return tf.mul(tf.mul(tf.cast(condition({ ap, an }), 'float32'), tf.expandDims(isPositive!, 2)), tf.expandDims(isNegative!, 1))
    },
  }
}
