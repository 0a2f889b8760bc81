import * as tf from '@tensorflow/tfjs-core'
import { withoutGradient, type TermBlock } from '@metric-learning/core'
import type { Counted } from './weighted-reducer.js'

/** Bounds of values, neither of them included. */
export interface Bounds {
  readonly low?: number | undefined
  readonly high?: number | undefined
}

/** Only values between two bounds count, for a mean. A NaN is within all bounds, so that it shows. */
export function countWithin({ values, weights }: TermBlock, { low, high }: Bounds): Counted {
  const zeros = tf.zerosLike(weights)
  const within = withoutGradient(() => {
    const above = low === undefined ? weights : tf.where(tf.lessEqual(values, low), zeros, weights)
    return tf.clone(high === undefined ? above : tf.where(tf.greaterEqual(values, high), zeros, above))
  })
  return { weights: within, divisor: tf.sum<tf.Scalar>(within) }
}
