import * as tf from '@tensorflow/tfjs-core'
import { lpNormValue, lpSlope } from './lp-norm.js'

/** Norms below this count as this, so that a zero row divides to zero. */
const smallestNorm = 1e-12

/**
 * Divides each row by max(‖row‖_p, 1e-12).
 *
 * With y = x / ‖x‖ the gradient is (dy - (dy · y) slope(y)) / ‖x‖. A row whose norm is not above
 * 1e-12 has no direction to turn: its gradient is 0. (Dividing by the floor would multiply it by 1e12.)
 *
 * @param x float32 [n, dim]
 */
export function normalizeRows(x: tf.Tensor2D, p: number): tf.Tensor2D {
  const normalize = tf.customGrad((rows, save) => {
    const divisor = tf.maximum(lpNormValue(rows as tf.Tensor, p, true), smallestNorm)
    const value = tf.div(rows as tf.Tensor, divisor)
    ;(save as tf.GradSaveFunc)([value, divisor])
    return { value, gradFunc: (dy, saved) => normalizeRowsGradient(dy, saved as [tf.Tensor, tf.Tensor], p) }
  })
  return normalize(x) as tf.Tensor2D
}

function normalizeRowsGradient(dy: tf.Tensor, [y, divisor]: [tf.Tensor, tf.Tensor], p: number): tf.Tensor {
  const scale = tf.div(tf.cast(tf.greater(divisor, smallestNorm), 'float32'), divisor)
  const along = tf.sum(tf.mul(dy, y), 1, true)
  return tf.mul(tf.sub(dy, tf.mul(along, lpSlope(y, p))), scale)
}
