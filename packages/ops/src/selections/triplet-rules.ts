import * as tf from '@tensorflow/tfjs-core'
import type { TripletRule } from '@metric-learning/contracts'
import { rowsOfBlock } from '../blocks/block-bytes.js'
import { mapRowBlocks } from '../blocks/map-row-blocks.js'
import { withoutGradient } from '../gradients/without-gradient.js'

/**
 * What a function makes of the weights that a rule gives the triplets of some anchors at a time, joined along the anchors. Off the
 * gradient tape, which would keep the weights of all anchors.
 */
export function mapRule<T extends tf.Tensor>({ positiveIndex, referenceCount, constants, whole, weights }: TripletRule, f: (weights: tf.Tensor3D) => T): T {
  const size = rowsOfBlock(positiveIndex.shape[1] * referenceCount)
  // The index goes along, so that a rule without constants of its own has rows, too.
  return withoutGradient(() => mapRowBlocks(size, [positiveIndex, ...constants] as tf.Tensor[], ([, ...block]) => f(weights({ constants: block, whole })))) as T
}

/** The weights of the triplets of some anchors: float32 [count, k, m]. */
export function ruleRows({ constants, whole, weights }: TripletRule, start: number, count: number): tf.Tensor3D {
  const rows = constants.map((tensor) => tf.slice(tensor, [start, ...tensor.shape.slice(1).map(() => 0)], [count, ...tensor.shape.slice(1)]))
  return weights({ constants: rows, whole })
}

/**
 * A rule with the weights of positives changed by a factor.
 *
 * @param factors float32 [n, k]; constants
 */
export function weighPositives(rule: TripletRule, factors: tf.Tensor2D): TripletRule {
  return {
    ...rule,
    constants: [...rule.constants, factors],
    weights: ({ constants, whole }) => tf.mul(rule.weights({ constants: constants.slice(0, -1), whole }), tf.expandDims(constants.at(-1)!, 2)),
  }
}
