import * as tf from '@tensorflow/tfjs-core'
import { withoutGradient } from '@metric-learning/core'
import type { UnreducedTerm } from './selection-reducer.js'
import { weightedMean } from './weighted-mean.js'

/** Bounds of values, neither of them included. */
export interface Bounds {
  readonly low?: number | undefined
  readonly high?: number | undefined
}

/** The mean of the selected values between two bounds; 0 when there is none. A NaN is within all bounds, so that it shows. */
export function meanWithin({ values, weights }: UnreducedTerm, { low, high }: Bounds): tf.Scalar {
  const zeros = tf.zerosLike(weights)
  const within = withoutGradient(() => {
    const above = low === undefined ? weights : tf.where(tf.lessEqual(values, low), zeros, weights)
    return high === undefined ? above : tf.where(tf.greaterEqual(values, high), zeros, above)
  })
  return weightedMean(values, within)
}
