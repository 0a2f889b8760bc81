import { FusedKernel } from '@metric-learning/ops'
import type { FusedKernelConfig } from './fused-kernel-config.js'
import { NativeOperations } from './native-operations.js'

interface Attributes {
  readonly normalized: boolean
  /** Without the instructions of newer processors, for tests. Default false. */
  readonly plainly?: boolean
}

/** {@link FusedKernel.euclideanDistancesAt} by an operation of our own, on CPUs. */
export const euclideanDistancesAtConfig: FusedKernelConfig<Attributes> = {
  kernelName: FusedKernel.euclideanDistancesAt,
  kernelFunc: (backend, { x, y, index }, { normalized, plainly = false }) => {
    const { flag } = new NativeOperations(backend)
    return backend.executeSingleOutput(FusedKernel.euclideanDistancesAt, [flag('normalized', normalized), flag('plainly', plainly)], [x!, y!, index!])
  },
}

/** {@link FusedKernel.euclideanDistancesAtGrad} by another. */
export const euclideanDistancesAtGradConfig: FusedKernelConfig<Attributes & { readonly of: 'x' | 'y' | 'both' }> = {
  kernelName: FusedKernel.euclideanDistancesAtGrad,
  kernelFunc: (backend, { dy, x, y, index }, { normalized, of, plainly = false }) => {
    const { flag } = new NativeOperations(backend)
    const flags = { normalized, of_references: of === 'y', is_one_set: of === 'both', plainly }
    const attributes = Object.entries(flags).map(([name, value]) => flag(name, value))
    return backend.executeSingleOutput(FusedKernel.euclideanDistancesAtGrad, attributes, [dy!, x!, y!, index!])
  },
}
