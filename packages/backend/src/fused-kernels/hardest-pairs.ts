import { FusedKernel } from '@metric-learning/ops'
import { executeOverPairs } from './execute-over-pairs.js'
import type { FusedKernelConfig } from './fused-kernel-config.js'

interface Attributes {
  readonly normalized: boolean
  readonly byProduct: boolean
  /** Without the instructions of newer processors, for tests. Default false. */
  readonly plainly?: boolean
}

/** {@link FusedKernel.hardestPairs} by an operation of our own, on CPUs. */
export const hardestPairsConfig: FusedKernelConfig<Attributes> = {
  kernelName: FusedKernel.hardestPairs,
  kernelFunc: (backend, inputs, { normalized, byProduct, plainly = false }) =>
    executeOverPairs(backend, { operation: FusedKernel.hardestPairs, inputs, flags: { normalized, by_product: byProduct, plainly }, outputs: 3 }),
}
