import * as tf from '@tensorflow/tfjs-core'
import type { TripletRule } from '@metric-learning/contracts'
import { gatherColumns, valueBeside } from '@metric-learning/ops'
import { unreachable } from './extreme.js'
import type { MinerInputs } from './metric-miner.js'

/**
 * The triplets whose distances satisfy a condition, by blocks of anchors where [n, k, m] is too large at once.
 *
 * @param condition of how far positive and negative are from the anchor, [rows, k, 1] and [rows, 1, m], the larger the farther: a
 * similarity counts negatively. Gives bool [rows, k, m]; it knows no other tensors (but variables), and is called more than once
 * @param fails for speed: which negatives fail it whatever the positive, those that are `'far'` beyond any or `'near'`; of positives it has to
 * be the other way round. What is no triplet is put there, in place of masks [n, k, m]. Default: unknown
 * @example tripletsWhere(inputs, ({ ap, an }) => tf.less(an, ap), 'far')
 */
export function tripletsWhere(
  { relations, apart }: MinerInputs,
  condition: (distances: { readonly ap: tf.Tensor3D; readonly an: tf.Tensor3D }) => tf.Tensor,
  fails?: 'far' | 'near',
): TripletRule {
  const { positiveIndex, positiveIndexMask, referenceCount } = relations
  const [toReferences, negatives] = [apart(), relations.negatives()]
  const toPositives = gatherColumns(toReferences, positiveIndex)
  const beyond = fails === 'far' ? unreachable : -unreachable
  const among = (values: tf.Tensor2D, mask: tf.Tensor2D, other: number) => tf.where(tf.greater<tf.Tensor>(mask, 0), values as tf.Tensor, valueBeside(values, other)) as tf.Tensor2D
  return {
    kind: 'tripletRule',
    positiveIndex,
    referenceCount,
    constants: fails
      ? [among(toPositives, positiveIndexMask, -beyond), among(toReferences, negatives, beyond)]
      : [toPositives, toReferences, positiveIndexMask, negatives],
    whole: [],
    weights: ({ constants: [positives, references, isPositive, isNegative] }) => {
      const [ap, an] = [tf.expandDims(positives!, 2), tf.expandDims(references!, 1)] as [tf.Tensor3D, tf.Tensor3D]
      const holds = tf.cast(condition({ ap, an }), 'float32') as tf.Tensor3D
      return isPositive && isNegative ? tf.mul(tf.mul(holds, tf.expandDims(isPositive, 2)), tf.expandDims(isNegative, 1)) : holds
    },
  }
}
