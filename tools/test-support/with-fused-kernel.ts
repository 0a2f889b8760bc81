import * as tf from '@tensorflow/tfjs-core'
import type { FusedKernelName } from '../../packages/ops/src/index.js'
import { withoutFusedKernel } from './without-fused-kernel.js'

/** Runs `body` as on a backend whose fused kernel of this name is `kernelFunc`. */
export function withFusedKernel<T>(kernelName: FusedKernelName, kernelFunc: tf.KernelFunc, body: () => T): T {
  const backendName = tf.getBackend()
  return withoutFusedKernel(kernelName, () => {
    tf.registerKernel({ kernelName, backendName, kernelFunc })
    try {
      return body()
    } finally {
      tf.unregisterKernel(kernelName, backendName)
    }
  })
}
