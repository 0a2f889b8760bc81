import * as tf from '@tensorflow/tfjs-core'
import { identityMatrix } from '@metric-learning/ops'

/**
 * F = (1 - alpha) (I - alpha S)⁻¹ = (1 - alpha) Σ_k alpha^k S^k of a matrix with eigenvalues in [-1, 1]: how far
 * something spreads from row to row when it goes on with probability alpha.
 *
 * The series is summed as (I + A)(I + A²)(I + A⁴)… with A = alpha S, as far as alpha^(2^k) matters in float32: 6
 * doublings for alpha = 0.8, two products of matrices each. Gradient alpha / (1 - alpha) · Fᵀ dF Fᵀ.
 *
 * @param matrix float32 [n, n]
 * @param alpha in [0, 1)
 */
export function resolvent(matrix: tf.Tensor2D, alpha: number): tf.Tensor2D {
  const f = tf.customGrad((s, save) => {
    const value = tf.mul<tf.Tensor2D>(geometricSeries(tf.mul(s as tf.Tensor2D, alpha), doublings(alpha)), 1 - alpha)
    ;(save as tf.GradSaveFunc)([value])
    return {
      value,
      gradFunc: (dy, [saved]) => {
        const spread = saved as tf.Tensor2D
        const left = tf.matMul(spread, dy as tf.Tensor2D, true, false)
        return tf.mul(tf.matMul(left, spread, false, true), alpha / (1 - alpha))
      },
    }
  })
  return f(matrix) as tf.Tensor2D
}

/** I + A + A² + … + A^(2^(doublings + 1) - 1). */
function geometricSeries(a: tf.Tensor2D, count: number): tf.Tensor2D {
  let sum = tf.add<tf.Tensor2D>(identityMatrix(a.shape[0]), a)
  let power = a
  for (let i = 0; i < count; i++) {
    power = tf.matMul(power, power)
    sum = tf.add(sum, tf.matMul(sum, power))
  }
  return sum
}

/** How many doublings make alpha^(2^(doublings + 1)), the first power left out, less than 1e-9. */
function doublings(alpha: number): number {
  if (alpha === 0) return 0
  return Math.max(0, Math.ceil(Math.log2(Math.log(1e-9) / Math.log(alpha))) - 1)
}
