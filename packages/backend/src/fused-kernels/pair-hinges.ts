import * as tf from '@tensorflow/tfjs-core'
import { FusedKernel } from '@metric-learning/ops'
import type { FusedKernelConfig } from './fused-kernel-config.js'
import { NativeOperations } from './native-operations.js'

interface Attributes {
  readonly normalized: boolean
  readonly byProduct: boolean
  readonly of: 'x' | 'y' | 'both' | 'none'
  /** Without the instructions of newer processors, for tests. Default false. */
  readonly plainly?: boolean
}

/** {@link FusedKernel.pairHinges} by an operation of our own, on CPUs. */
export const pairHingesConfig: FusedKernelConfig<Attributes> = {
  kernelName: FusedKernel.pairHinges,
  kernelFunc: (backend, { x, y, labels, refLabels, ownRows, isFilled, margins }, { normalized, byProduct, of, plainly = false }) => {
    const { flag } = new NativeOperations(backend)
    const absent = (dtype: 'int32' | 'float32') => tf.tensor1d([], dtype)
    const given = [x!, y!, labels!, refLabels!, ownRows ?? absent('int32'), isFilled ?? absent('float32'), margins!]
    const flags = { normalized, by_product: byProduct, of_references: of === 'y', is_one_set: of === 'both', without_gradient: of === 'none', plainly }
    try {
      return backend.executeMultipleOutputs(FusedKernel.pairHinges, Object.entries(flags).map(([name, value]) => flag(name, value)), given, 2)
    } finally {
      if (!ownRows) (given[4] as tf.Tensor).dispose()
      if (!isFilled) (given[5] as tf.Tensor).dispose()
    }
  },
}
