import * as tf from '@tensorflow/tfjs-core'
import { FusedKernel, hasFusedKernel } from '../fused-kernels.js'

/**
 * max(x, 0), of the shape of x, with gradient 0 at 0.
 *
 * Where the backend has a fused gradient, one kernel computes it; elsewhere tfjs multiplies by a step.
 */
export function relu<T extends tf.Tensor>(x: T): T {
  return hasFusedKernel(FusedKernel.reluGrad) ? fusedRelu<T>(x) : tf.relu(x)
}

function fusedRelu<T extends tf.Tensor>(x: T): T {
  return tf.customGrad<T>((input, save) => {
    const y = tf.relu(input as T)
    const keep = save as tf.GradSaveFunc
    keep([y])
    return {
      value: y,
      gradFunc: (dy, saved) => tf.engine().runKernel<tf.Tensor>(FusedKernel.reluGrad, { dy, y: saved[0]! }),
    }
  })(x)
}
