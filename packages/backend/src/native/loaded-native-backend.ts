import * as tf from '@tensorflow/tfjs-core'
import type { NodeJSKernelBackend } from '#tfjs-node/nodejs_kernel_backend.js'

/** The name under which tfjs knows the native backend. */
export const nativeBackendName = 'tensorflow'

/** The native backend of this process; undefined before {@link loadNativeBackend}. */
export function loadedNativeBackend(): NodeJSKernelBackend | undefined {
  if (tf.findBackendFactory(nativeBackendName) == null) return undefined
  return tf.findBackend(nativeBackendName) as NodeJSKernelBackend
}
