import * as tf from '@tensorflow/tfjs-core'
import type { Random } from '@metric-learning/contracts'

/**
 * A variable of independent draws from U(-1/√fanIn, 1/√fanIn).
 *
 * This is what PyTorch gives the weights of Conv2d and Linear (`kaiming_uniform_` with a = √5: gain √(1/3)
 * times √3/√fanIn) and their biases.
 *
 * @param fanIn inputs of one output: inputSize of a linear layer, kernel area × inputChannels of a convolution
 * @see He et al., Delving Deep into Rectifiers, arXiv:1502.01852, section 2.2
 */
export function fanInUniform<R extends tf.Rank>(shape: tf.ShapeMap[R], fanIn: number, random: Random): tf.Variable<R> {
  const bound = 1 / Math.sqrt(fanIn)
  const values = Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => (2 * random.uniform() - 1) * bound)
  return tf.tidy(() => tf.variable(tf.tensor<R>(values, shape)))
}
