import * as tf from '@tensorflow/tfjs-core'
import { NonFiniteError } from '@metric-learning/contracts'
import { FusedKernel } from '@metric-learning/ops'

/** Registers {@link FusedKernel.expectFinite} for a backend that computes in the memory of the process. */
export function registerExpectFiniteOnHost(backendName: 'cpu' | 'wasm'): void {
  if (tf.getKernel(FusedKernel.expectFinite, backendName) !== undefined) return
  tf.registerKernel({
    kernelName: FusedKernel.expectFinite,
    backendName,
    kernelFunc: ({ inputs, attrs, backend }) => {
      const values = (backend as tf.KernelBackend).readSync(inputs['x']!.dataId) as Float32Array
      if (values.some((value) => !Number.isFinite(value))) throw new NonFiniteError(String(attrs!['who']), String(attrs!['what']))
      return []
    },
  })
}
