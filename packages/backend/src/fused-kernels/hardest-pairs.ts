import * as tf from '@tensorflow/tfjs-core'
import { FusedKernel } from '@metric-learning/ops'
import type { FusedKernelConfig } from './fused-kernel-config.js'
import { NativeOperations } from './native-operations.js'

interface Attributes {
  readonly normalized: boolean
  readonly byProduct: boolean
  /** Without the instructions of newer processors, for tests. Default false. */
  readonly plainly?: boolean
}

/** {@link FusedKernel.hardestPairs} by an operation of our own, on CPUs. */
export const hardestPairsConfig: FusedKernelConfig<Attributes> = {
  kernelName: FusedKernel.hardestPairs,
  kernelFunc: (backend, { x, y, labels, refLabels, ownRows, isFilled }, { normalized, byProduct, plainly = false }) => {
    const ops = new NativeOperations(backend)
    const absent = (dtype: 'int32' | 'float32') => tf.tensor1d([], dtype)
    const given = [x!, y!, labels!, refLabels!, ownRows ?? absent('int32'), isFilled ?? absent('float32')]
    try {
      const flags = [ops.flag('normalized', normalized), ops.flag('by_product', byProduct), ops.flag('plainly', plainly)]
      return backend.executeMultipleOutputs(FusedKernel.hardestPairs, flags, given, 3)
    } finally {
      if (!ownRows) (given[4] as tf.Tensor).dispose()
      if (!isFilled) (given[5] as tf.Tensor).dispose()
    }
  },
}
