import type * as tf from '@tensorflow/tfjs-core'
import type { NodeJSKernelBackend } from '@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.js'

/** TensorFlow's number for float64, which tfjs has no name for. */
export const float64 = 2

/**
 * Lets operations of the native backend have float64 outputs, which tfjs-node refuses. tfjs takes them for float32:
 * they are for the inside of a kernel, where the next operation says what they are, and never to be read.
 */
export function allowFloat64Outputs(backend: NodeJSKernelBackend): void {
  const inside = backend as unknown as BackendInside
  const create = inside.createOutputTensor.bind(backend)
  inside.createOutputTensor = (metadata) => {
    if (metadata.dtype !== float64) return create(metadata)
    const tensor = create({ ...metadata, dtype: backend.binding.TF_FLOAT })
    inside.tensorMap.get(tensor.dataId).dtype = float64
    return tensor
  }
}

/** What tfjs-node keeps private: how outputs become tensors, and what is known of each. */
interface BackendInside {
  createOutputTensor(metadata: { readonly dtype: number }): tf.Tensor
  readonly tensorMap: { get(dataId: tf.DataId): { dtype: number } }
}
