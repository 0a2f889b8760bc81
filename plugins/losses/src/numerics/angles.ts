import * as tf from '@tensorflow/tfjs-core'
import { scalars } from '@metric-learning/ops'

/** What takes the place of cosines, and how fast it changes with them; both of the shape of the cosines. */
export interface CosineMargin {
  readonly value: tf.Tensor1D
  readonly slope: tf.Tensor1D | number
}

/** An angle in radians; on the device where it is there in degrees. */
export function toRadians(degrees: number): number
export function toRadians(degrees: number | tf.Scalar): number | tf.Scalar
export function toRadians(degrees: number | tf.Scalar): number | tf.Scalar {
  return scalars.div(scalars.mul(degrees, Math.PI), 180)
}

/**
 * cos(θ + angle) from cos θ; where θ + angle passes 180° it is cos θ - angle sin(angle), which goes on falling.
 *
 * cos(θ + angle) = cos θ cos(angle) - sin θ sin(angle) with sin²θ = max(1 - cos²θ, 1e-12); its slope in cos θ is
 * cos(angle) + sin(angle) cos θ / sin θ, and cos(angle) at θ = 0 and 180°, where that is infinite.
 *
 * @param cosine float32 [n]
 * @param angle in radians
 */
export function addAngle(cosine: tf.Tensor1D, angle: number | tf.Scalar): CosineMargin {
  const [cos, sin] = [scalars.cos(angle), scalars.sin(angle)]
  const square = tf.maximum(tf.mul(tf.sub(1, cosine), tf.add(1, cosine)), 1e-12)
  const sine = tf.sqrt(square)
  const cotangent = tf.where(tf.greater(square, 1e-12), tf.div(cosine, sine), tf.zerosLike(cosine))
  const isWithin = tf.greaterEqual(cosine, scalars.neg(cos))
  return {
    value: tf.where(isWithin, tf.sub(tf.mul(cosine, cos), tf.mul(sine, sin)), tf.sub(cosine, scalars.mul(angle, sin))) as tf.Tensor1D,
    slope: tf.where(isWithin, tf.add(tf.mul(cotangent, sin), cos), tf.onesLike(cosine)) as tf.Tensor1D,
  }
}
