import * as tf from '@tensorflow/tfjs-core'
import { divNoNan } from '@metric-learning/ops'

/**
 * The p-norm over the last axis, (Σ |x|^p)^(1/p), or max |x| for p = `Infinity`.
 *
 * Differentiable everywhere: its gradient at the zero vector is 0.
 */
export function lpNorm(x: tf.Tensor, p: number): tf.Tensor {
  const norm = tf.customGrad((vectors, save) => {
    const value = lpNormValue(vectors as tf.Tensor, p)
    ;(save as tf.GradSaveFunc)([vectors as tf.Tensor, value])
    return {
      value,
      gradFunc: (dy, saved) => {
        const [of, length] = saved as [tf.Tensor, tf.Tensor]
        if (p === 2) return tf.mul(of, tf.expandDims(divNoNan(dy, length), -1))
        const unit = tf.divNoNan(of, tf.expandDims(length, -1))
        return tf.mul(tf.expandDims(dy, -1), lpSlope(unit, p))
      },
    }
  })
  return norm(x)
}

/** The p-norm over the last axis, for use where a gradient is written by hand. */
export function lpNormValue(x: tf.Tensor, p: number, keepDims = false): tf.Tensor {
  if (p === 2) return tf.sqrt(tf.sum(tf.square(x), -1, keepDims))
  const size = tf.abs(x)
  if (p === 1) return tf.sum(size, -1, keepDims)
  if (p === Infinity) return tf.max(size, -1, keepDims)
  return tf.pow(tf.sum(tf.pow(size, p), -1, keepDims), 1 / p)
}

/**
 * The gradient of the p-norm at a vector of norm 1 (it does not depend on the length):
 * sign(u) · |u|^(p-1). At p = `Infinity` the coordinates that attain the maximum share it equally.
 *
 * @param unit vectors of norm 1 along the last axis; a zero vector has the slope 0
 */
export function lpSlope(unit: tf.Tensor, p: number): tf.Tensor {
  if (p === 2) return unit
  const sign = tf.sign(unit)
  if (p === 1) return sign
  const size = tf.abs(unit)
  if (p !== Infinity) return tf.mul(sign, tf.pow(size, p - 1))
  const attained = tf.mul(sign, tf.step(tf.sub(size, 1 - 1e-6)))
  return tf.divNoNan(attained, tf.sum(tf.abs(attained), -1, true))
}
