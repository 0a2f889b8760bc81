import type * as tf from '@tensorflow/tfjs-core'

interface Owner<T extends tf.Tensor> {
  readonly parameters: ReadonlyMap<string, T>
  readonly buffers: ReadonlyMap<string, T>
}

/** What a saved module consists of: parameters, then buffers. */
export function moduleVariables<T extends tf.Tensor>({ parameters, buffers }: Owner<T>): ReadonlyMap<string, T> {
  return new Map([...parameters, ...buffers])
}
