import * as tf from '@tensorflow/tfjs-core'
import type { FusedKernelName } from '../../packages/ops/src/index.js'

/** Runs `body` as on a backend that lacks a fused kernel. */
export function withoutFusedKernel<T>(name: FusedKernelName, body: () => T): T {
  const registered = tf.getKernel(name, tf.getBackend())
  if (!registered) return body()
  tf.unregisterKernel(name, tf.getBackend())
  try {
    return body()
  } finally {
    tf.registerKernel(registered)
  }
}
