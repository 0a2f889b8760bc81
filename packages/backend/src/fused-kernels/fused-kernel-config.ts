import type * as tf from '@tensorflow/tfjs-core'
import type { FusedKernelName } from '@metric-learning/ops'
import type { NodeJSKernelBackend } from '#tfjs-node/nodejs_kernel_backend.js'

/** A fused kernel of the native backend: its name, and which TensorFlow operations compute it. */
export interface FusedKernelConfig<Attributes extends object> {
  readonly kernelName: FusedKernelName
  readonly kernelFunc: (
    backend: NodeJSKernelBackend,
    inputs: tf.NamedTensorInfoMap,
    attributes: Attributes,
  ) => tf.Tensor | tf.Tensor[]
}
