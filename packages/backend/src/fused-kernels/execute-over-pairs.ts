import * as tf from '@tensorflow/tfjs-core'
import type { FusedKernelName } from '@metric-learning/ops'
import type { NodeJSKernelBackend } from '#tfjs-node/nodejs_kernel_backend.js'
import { NativeOperations } from './native-operations.js'

/** What is asked of an operation of our own over pairs of labelled rows. */
export interface OverPairs {
  readonly operation: FusedKernelName
  /** Those of the kernel, of which `ownRows` and `isFilled` may be absent. */
  readonly inputs: tf.NamedTensorInfoMap
  /** Inputs that the operation takes after those. Default none. */
  readonly more?: readonly tf.TensorInfo[]
  /** Its attributes, by their names in TensorFlow. */
  readonly flags: Readonly<Record<string, boolean>>
  readonly outputs: number
}

/** Executes an operation of our own over pairs of labelled rows. */
export function executeOverPairs(backend: NodeJSKernelBackend, { operation, inputs, more = [], flags, outputs }: OverPairs): tf.Tensor[] {
  const { x, y, labels, refLabels, ownRows, isFilled } = inputs
  const { flag } = new NativeOperations(backend)
  const attributes = Object.entries(flags).map(([name, value]) => flag(name, value))
  const absent = (dtype: 'int32' | 'float32') => tf.tensor1d([], dtype)
  const given = [x!, y!, labels!, refLabels!, ownRows ?? absent('int32'), isFilled ?? absent('float32'), ...more]
  try {
    return backend.executeMultipleOutputs(operation, attributes, given, outputs)
  } finally {
    if (!ownRows) (given[4] as tf.Tensor).dispose()
    if (!isFilled) (given[5] as tf.Tensor).dispose()
  }
}
