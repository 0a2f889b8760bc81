import * as tf from '@tensorflow/tfjs-core'
import { divNoNan } from '@metric-learning/ops'

/**
 * x^power, elementwise, with the gradient power · y / x taken as 0 where x is 0. (`tf.pow` gives
 * infinity there for powers below 1, and a distance matrix has zeros all along its diagonal.)
 */
export function elementwisePower<T extends tf.Tensor>(x: T, power: number): T {
  if (power === 1) return x
  const raise = tf.customGrad((base, save) => {
    const value = power === 2 ? tf.square(base as tf.Tensor) : tf.pow(base as tf.Tensor, power)
    ;(save as tf.GradSaveFunc)([base as tf.Tensor, value])
    return {
      value,
      gradFunc: (dy, saved) => {
        const [from, to] = saved as [tf.Tensor, tf.Tensor]
        return tf.mul(dy, tf.mul(power === 2 ? from : divNoNan(to, from), power))
      },
    }
  })
  return raise(x) as T
}
