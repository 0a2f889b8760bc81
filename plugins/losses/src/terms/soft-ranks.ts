import * as tf from '@tensorflow/tfjs-core'
import type { LabelRelations } from '@metric-learning/contracts'
import { gatherColumns, sumOver } from '@metric-learning/ops'
import { byAnchor, constant } from './by-anchor.js'

/** The members of each embedding's class, itself first; k is the largest number of positives. */
export interface ClassMembers {
  /** int32 [n, 1 + k] */
  readonly index: tf.Tensor2D
  /** 0 at padding: float32 [n, 1 + k] */
  readonly mask: tf.Tensor2D
}

/** Of a batch that is compared with itself. */
export function classMembers({ positiveIndex, positiveIndexMask, queryCount }: LabelRelations): ClassMembers {
  const itself = tf.tensor2d(Int32Array.from({ length: queryCount }, (_, row) => row), [queryCount, 1], 'int32')
  return {
    index: tf.concat([itself, positiveIndex], 1),
    mask: tf.concat([tf.ones([queryCount, 1]), positiveIndexMask], 1),
  }
}

/**
 * For each query q and member i of its class how many of `among` are more similar to q than i is, counted
 * softly: Σ_j among_qj sigmoid((s_qj - s_qi) / temperature). Float32 [n, 1 + k]; memory O(n k m), in blocks of queries
 * beyond {@link blockBytes}.
 *
 * @param among which references take part, 0 or 1: float32 [n, m]; i itself adds sigmoid(0) = 1/2 where it does
 */
export function softRanks(similarities: tf.Tensor2D, index: tf.Tensor2D, among: tf.Tensor2D, temperature: number | tf.Scalar): tf.Tensor2D {
  const operands = { toAll: similarities, toMembers: gatherColumns(similarities, index), counted: constant(among) }
  const valuesPerAnchor = index.shape[1] * similarities.shape[1]
  const ranks = byAnchor(
    operands,
    ({ toAll, toMembers, counted }) => {
      const ahead = tf.sigmoid(tf.div(tf.sub(tf.expandDims(toAll, 1), tf.expandDims(toMembers, 2)), temperature))
      return sumOver(tf.mul(ahead, tf.expandDims(counted, 1)), 2)
    },
    { valuesPerAnchor },
  )
  return ranks as tf.Tensor2D
}
