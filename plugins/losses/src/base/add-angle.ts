import * as tf from '@tensorflow/tfjs-core'
import { rotateCosine } from './rotate-cosine.js'

/**
 * cos(θ + margin) from cos θ; where θ + margin passes 180° it is cos θ - margin sin(margin), which goes on falling.
 *
 * @param cosine float32, any shape
 * @param margin in radians
 */
export function addAngle<T extends tf.Tensor>(cosine: T, margin: number): T {
  const beyond = tf.sub<T>(cosine, margin * Math.sin(margin))
  return tf.where(tf.greaterEqual(cosine, -Math.cos(margin)), rotateCosine(cosine, margin), beyond)
}
