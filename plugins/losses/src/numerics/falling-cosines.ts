import * as tf from '@tensorflow/tfjs-core'
import { sumOver, withoutGradient } from '@metric-learning/ops'

/**
 * Cosines with ψ(θ_y) in place of cos θ_y at the class y of each embedding: ψ(θ) = (-1)^k cos(multiple · θ) - 2k for θ between
 * kπ / multiple and (k + 1)π / multiple, which goes on falling. Float32 [n, classes].
 *
 * cos(multiple · θ) is the Chebyshev polynomial of cos θ: no arc cosine, finite gradients everywhere.
 *
 * @param cosines float32 [n, classes]
 * @param isTarget 1 at the class of each embedding, else 0: float32 [n, classes]; a constant
 * @param multiple an integer of at least 1
 */
export function fallingCosines(cosines: tf.Tensor2D, isTarget: tf.Tensor2D, multiple: number): tf.Tensor2D {
  const target = sumOver<tf.Tensor2D>(tf.mul(cosines, isTarget), 1, true)
  return tf.add(cosines, tf.mul(isTarget, tf.sub(fallingCosine(target, multiple), target)))
}

/** ψ(θ) from cos θ: (-1)^k cos(multiple · θ) - 2k with k = ⌊multiple · θ / π⌋, a constant. */
function fallingCosine(cosine: tf.Tensor2D, multiple: number): tf.Tensor2D {
  const k = withoutGradient(() => tf.floor(tf.mul(tf.acos(tf.clipByValue(cosine, -1, 1)), multiple / Math.PI)))
  const sign = withoutGradient(() => tf.sub<tf.Tensor2D>(1, tf.mul(2, tf.mod(k, 2))))
  return tf.sub(tf.mul(sign, cosineOfMultiple(cosine, multiple)), tf.mul(2, k))
}

/** cos(multiple · θ) from cos θ, by T_{n+1} = 2 cos θ T_n - T_{n-1}. */
function cosineOfMultiple(cosine: tf.Tensor2D, multiple: number): tf.Tensor2D {
  let [before, now] = [tf.onesLike(cosine), cosine]
  for (let n = 1; n < multiple; n++) {
    ;[before, now] = [now, tf.sub<tf.Tensor2D>(tf.mul(tf.mul(2, cosine), now), before)]
  }
  return now
}
