import * as tf from '@tensorflow/tfjs-core'
import type { FusedKernelName } from './fused-kernels.js'

/** Whether the backend in use has registered a fused kernel of this name. */
export function hasFusedKernel(name: FusedKernelName): boolean {
  return tf.getKernel(name, tf.getBackend()) !== undefined
}
