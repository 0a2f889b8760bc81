import * as tf from '@tensorflow/tfjs-core'
import { scalars } from '@metric-learning/ops'

/**
 * cos(θ + angle) from cos θ, for θ in [0, π]: cos θ cos(angle) - sin θ sin(angle).
 *
 * The gradient of sin θ = sqrt(1 - cos² θ) is infinite where the cosine is 1 or -1; it is 0 here.
 *
 * @param cosine float32, any shape
 * @param angle in radians
 */
export function rotateCosine<T extends tf.Tensor>(cosine: T, angle: number | tf.Scalar): T {
  const sine = tf.sqrt(tf.maximum(tf.mul(tf.sub(1, cosine), tf.add(1, cosine)), 1e-12))
  return tf.sub(tf.mul(cosine, scalars.cos(angle)), tf.mul(sine, scalars.sin(angle)))
}
