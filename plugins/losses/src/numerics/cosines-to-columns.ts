import * as tf from '@tensorflow/tfjs-core'
import { isAbove } from '@metric-learning/ops'

/**
 * Cosines between rows and columns: float32 [n, m]. The same as `new CosineSimilarity().matrix(rows, columnsᵀ)`, without
 * transposing and without normalised copies: with c = x · w / (‖x‖ ‖w‖) the gradient is
 * dx = Σ_j dc_j w_j / (‖x‖ ‖w_j‖) - x Σ_j dc_j c_j / ‖x‖². Zero vectors have cosine 0, with gradient 0.
 *
 * @param rows float32 [n, dim]
 * @param columns float32 [dim, m]
 */
export function cosinesToColumns(rows: tf.Tensor2D, columns: tf.Tensor2D): tf.Tensor2D {
  const cosines = tf.customGrad((x, w, save) => {
    const [from, to] = [x as tf.Tensor2D, w as tf.Tensor2D]
    const [ofRows, ofColumns] = [inverseNorms(from, 1), inverseNorms(to, 0)]
    const value = tf.mul(tf.mul(tf.matMul(from, to), ofRows), ofColumns)
    ;(save as tf.GradSaveFunc)([from, to, ofRows, ofColumns, value])
    return {
      value,
      gradFunc: (dy, saved) => {
        const [a, b, inverseA, inverseB, c] = saved as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor2D]
        const scaled = tf.mul<tf.Tensor2D>(tf.mul(dy, inverseA), inverseB)
        const turned = tf.mul(dy, c)
        const along = (axis: number, inverse: tf.Tensor2D) => tf.mul(tf.sum(turned, axis, true), tf.square(inverse))
        return [
          tf.sub(tf.matMul(scaled, b, false, true), tf.mul(a, along(1, inverseA))),
          tf.sub(tf.matMul(a, scaled, true, false), tf.mul(b, along(0, inverseB))),
        ]
      },
    }
  })
  return cosines(rows, columns) as tf.Tensor2D
}

/** 1 / ‖v‖ along an axis that is kept, and 0 where ‖v‖ is below 1e-12. */
function inverseNorms(vectors: tf.Tensor2D, axis: number): tf.Tensor2D {
  const norms = tf.sqrt(tf.sum<tf.Tensor2D>(tf.square(vectors), axis, true))
  return tf.mul(isAbove(norms, 1e-12), tf.div<tf.Tensor2D>(1, tf.maximum(norms, 1e-12)))
}
