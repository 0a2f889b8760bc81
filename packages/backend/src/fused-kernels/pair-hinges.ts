import { FusedKernel } from '@metric-learning/ops'
import { executeOverPairs } from './execute-over-pairs.js'
import type { FusedKernelConfig } from './fused-kernel-config.js'

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
  kernelFunc: (backend, { margins, ...inputs }, { normalized, byProduct, of, plainly = false }) =>
    executeOverPairs(backend, {
      operation: FusedKernel.pairHinges,
      inputs,
      more: [margins!],
      flags: { normalized, by_product: byProduct, of_references: of === 'y', is_one_set: of === 'both', without_gradient: of === 'none', plainly },
      outputs: 2,
    }),
}
