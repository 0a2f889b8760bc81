import type { NodeJSKernelBackend } from '@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.js'
import type { ConstantValue } from './constant-node.js'
import { tensorEntries } from '../native/tensor-entries.js'

/** Reads a tensor back, as a constant of a graph holds it. */
export function tensorValue(
  backend: NodeJSKernelBackend,
  dataId: object,
  readSync: NodeJSKernelBackend['readSync'] = (id) => backend.readSync(id),
): ConstantValue {
  const { dtype, shape } = tensorEntries(backend).get(dataId)
  const values = readSync(dataId) as Float32Array | Int32Array | Uint8Array
  return { dtype, shape, bytes: new Uint8Array(values.buffer.slice(values.byteOffset, values.byteOffset + values.byteLength)) }
}
