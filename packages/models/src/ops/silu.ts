import * as tf from '@tensorflow/tfjs-core'

/**
 * x · sigmoid(x), also called swish, of the shape of x.
 *
 * With y = x s, s = sigmoid(x), the gradient is y + s (1 - y): four operations, where tfjs would derive nine.
 *
 * @see Ramachandran et al., Searching for Activation Functions, arXiv:1710.05941
 */
export function silu<T extends tf.Tensor>(x: T): T {
  return tf.customGrad<T>((input, save) => {
    const s = tf.sigmoid(input as T)
    const y = tf.mul<T>(input as T, s)
    const keep = save as tf.GradSaveFunc
    keep([y, s])
    return {
      value: y,
      gradFunc: (dy, saved) => {
        const [output, sigmoid] = saved as [tf.Tensor, tf.Tensor]
        return tf.mul(dy, tf.add(output, tf.mul(sigmoid, tf.sub(1, output))))
      },
    }
  })(x)
}
