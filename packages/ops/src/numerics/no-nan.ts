import * as tf from '@tensorflow/tfjs-core'
import { FusedKernel, hasFusedKernel } from '../fused-kernels.js'

/** x · y, and 0 where y is 0, whatever x is there. Without gradient: for the inside of `tf.customGrad`. Broadcasts. */
export function mulNoNan<T extends tf.Tensor>(x: tf.Tensor, y: tf.Tensor): T {
  if (hasFusedKernel(FusedKernel.mulNoNan)) return tf.engine().runKernel(FusedKernel.mulNoNan, { x, y }) as T
  return tf.tidy(() => {
    const product = tf.mul(x, y)
    return tf.where(tf.equal(y, 0), tf.zerosLike(product), product) as T
  })
}

/** x / y, and 0 where y is 0. Without gradient: for the inside of `tf.customGrad`. Broadcasts. */
export function divNoNan<T extends tf.Tensor>(x: tf.Tensor, y: tf.Tensor): T {
  if (hasFusedKernel(FusedKernel.divNoNan)) return tf.engine().runKernel(FusedKernel.divNoNan, { x, y }) as T
  return tf.divNoNan(x, y) as T
}
