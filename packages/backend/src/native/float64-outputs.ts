import type * as tf from '@tensorflow/tfjs-core'
import type { NodeJSKernelBackend } from '#tfjs-node/nodejs_kernel_backend.js'
import { DATA_TYPE } from './data-types.js'
import { tensorEntries } from './tensor-entries.js'

/**
 * Lets operations of the native backend have float64 outputs, which tfjs-node refuses. tfjs takes them for float32:
 * they are for the inside of a kernel, where the next operation says what they are, and never to be read.
 */
export function allowFloat64Outputs(backend: NodeJSKernelBackend): void {
  const inside = backend as unknown as BackendInside
  const create = inside.createOutputTensor.bind(backend)
  inside.createOutputTensor = (metadata) => {
    if (metadata.dtype !== DATA_TYPE.float64) return create(metadata)
    const tensor = create({ ...metadata, dtype: DATA_TYPE.float32 })
    tensorEntries(backend).get(tensor.dataId).dtype = DATA_TYPE.float64
    return tensor
  }
}

/** What tfjs-node keeps private: how outputs become tensors. */
interface BackendInside {
  createOutputTensor(metadata: { readonly dtype: number }): tf.Tensor
}
