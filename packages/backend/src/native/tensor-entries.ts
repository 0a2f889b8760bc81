import type { NodeJSKernelBackend } from '#tfjs-node/nodejs_kernel_backend.js'

/** What the native backend keeps of a tensor. */
export interface TensorEntry {
  readonly shape: number[]
  /** TensorFlow's number of the type. */
  dtype: number
  /** Handle in the native library; -1 when there is none yet. */
  id: number
  /** Values that have not gone into the native library yet. */
  values: ArrayBufferView | null
  refCount: number
}

/** The entries by data id. tfjs keeps them private; nothing public tells a tensor's native type or handle. */
export interface TensorEntries {
  has(dataId: object): boolean
  get(dataId: object): TensorEntry
  set(dataId: object, entry: TensorEntry): void
  delete(dataId: object): boolean
}

export function tensorEntries(backend: NodeJSKernelBackend): TensorEntries {
  return (backend as unknown as { readonly tensorMap: TensorEntries }).tensorMap
}
