import * as tf from '@tensorflow/tfjs-core'
import type { Random } from '@metric-learning/contracts'

/**
 * A variable of independent draws from N(0, 2 / fanOut), which keeps the size of gradients through relus; PyTorch's
 * `kaiming_normal_` with `mode='fan_out'`.
 *
 * @param fanOut outputs of one input: kernel area × outputChannels of a convolution
 * @see He et al., Delving Deep into Rectifiers, arXiv:1502.01852, section 2.2, backward propagation case
 */
export function fanOutNormal<R extends tf.Rank>(shape: tf.ShapeMap[R], fanOut: number, random: Random): tf.Variable<R> {
  const deviation = Math.sqrt(2 / fanOut)
  const values = Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => random.normal() * deviation)
  return tf.tidy(() => tf.variable(tf.tensor<R>(values, shape)))
}
