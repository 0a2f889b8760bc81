import * as tf from '@tensorflow/tfjs-core'
import { FusedKernel, hasFusedKernel } from '../fused-kernels.js'

/**
 * Sums of weights by place: float32 [size]. Without gradient: for the inside of `tf.customGrad`.
 *
 * @param places int32 [count], in [0, size)
 * @param weights float32 [count]
 */
export function bincount(places: tf.Tensor1D, weights: tf.Tensor1D, size: number): tf.Tensor1D {
  if (hasFusedKernel(FusedKernel.bincount)) return tf.engine().runKernel(FusedKernel.bincount, { places, weights }, { size }) as tf.Tensor1D
  return tf.tidy(() => tf.scatterND<tf.Rank.R1>(tf.expandDims(places, 1), weights, [size]) as tf.Tensor1D)
}
