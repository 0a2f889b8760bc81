import * as tf from '@tensorflow/tfjs-core'

/**
 * Softmax cross entropy of each row, log Σ_c exp(logit_c) - logit_y: float32 [n]. Its gradient is
 * softmax - isTarget, which saves the two dozen operations of `tf.losses.softmaxCrossEntropy`.
 *
 * @param logits float32 [n, classes]
 * @param isTarget 1 at the class y of each row, else 0; a constant
 */
export function crossEntropy(logits: tf.Tensor2D, isTarget: tf.Tensor2D): tf.Tensor1D {
  const entropy = tf.customGrad((scores, save) => {
    const shifted = tf.sub(scores as tf.Tensor, tf.max(scores as tf.Tensor, 1, true))
    const exponentials = tf.exp(shifted)
    const total = tf.sum(exponentials, 1)
    ;(save as tf.GradSaveFunc)([exponentials, total, isTarget])
    return {
      value: tf.sub(tf.log(total), tf.sum(tf.mul(shifted, isTarget), 1)),
      gradFunc: (dy, saved) => {
        const [e, sum, target] = saved as [tf.Tensor, tf.Tensor, tf.Tensor]
        return tf.mul(tf.expandDims(dy, 1), tf.sub(tf.div(e, tf.expandDims(sum, 1)), target))
      },
    }
  })
  return entropy(logits) as tf.Tensor1D
}
