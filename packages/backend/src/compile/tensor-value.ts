import type { NodeJSKernelBackend } from '#tfjs-node/nodejs_kernel_backend.js'
import type { ConstantValue } from './constant-node.js'
import { tensorEntries } from '../native/tensor-entries.js'

/** Reads a tensor back, as a constant of a graph holds it. */
export function tensorValue(backend: NodeJSKernelBackend, dataId: object): ConstantValue {
  const { bytes, ...facts } = tensorView(backend, dataId)
  return { ...facts, bytes: bytes.slice() }
}

/** The same without a copy: shape and bytes may be those of the tensor. */
export function tensorView(
  backend: NodeJSKernelBackend,
  dataId: object,
  readSync: NodeJSKernelBackend['readSync'] = (id) => backend.readSync(id),
): ConstantValue {
  const { dtype, shape } = tensorEntries(backend).get(dataId)
  const { buffer, byteOffset, byteLength } = readSync(dataId) as Float32Array | Int32Array | Uint8Array
  return { dtype, shape, bytes: new Uint8Array(buffer, byteOffset, byteLength) }
}
