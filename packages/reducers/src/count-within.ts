import * as tf from '@tensorflow/tfjs-core'
import type { TermBlock } from '@metric-learning/contracts'
import { tensorOf, withoutGradient, type Schedulable } from '@metric-learning/ops'
import type { Counted } from './weighted-reducer.js'

/** Bounds of values, neither of them included. */
export interface Bounds {
  readonly low?: Schedulable | undefined
  readonly high?: Schedulable | undefined
}

/** Only values between two bounds count, for a mean. A NaN is within all bounds, so that it shows. */
export function countWithin({ values, weights }: TermBlock, { low, high }: Bounds): Counted {
  const within = withoutGradient(() => {
    const above = low === undefined ? weights : without(tf.lessEqual(values, tensorOf(low)), weights)
    return tf.clone(high === undefined ? above : without(tf.greaterEqual(values, tensorOf(high)), above))
  })
  return { weights: within, divisor: tf.sum<tf.Scalar>(within) }
}

/** The weights, and 0 where something is true. (Zeros of their shape to choose from would be there for all blocks at once.) */
const without = (isOut: tf.Tensor, weights: tf.Tensor): tf.Tensor => tf.mul(weights, tf.cast(tf.logicalNot(isOut), 'float32'))
