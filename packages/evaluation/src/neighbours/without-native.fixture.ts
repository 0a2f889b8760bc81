import * as tf from '@tensorflow/tfjs-core'
import { NATIVE_NEIGHBOURS } from '@metric-learning/ops'

/** Takes native code away from the backend, so that the device is asked; gives what brings it back. */
export function withoutNative(): () => void {
  const backend = tf.getBackend()
  const config = tf.getKernel(NATIVE_NEIGHBOURS, backend)
  if (!config) return () => undefined
  tf.unregisterKernel(NATIVE_NEIGHBOURS, backend)
  return () => {
    tf.registerKernel(config)
  }
}
