import { FusedKernel } from '@metric-learning/core'
import type { FusedKernelConfig } from './fused-kernel-config.js'

/** {@link FusedKernel.reluGrad} by TensorFlow's ReluGrad, which takes relu's output as well as its input. */
export const reluGradConfig: FusedKernelConfig<object> = {
  kernelName: FusedKernel.reluGrad,
  kernelFunc: (backend, { dy, y }) => {
    const { binding } = backend
    return backend.executeSingleOutput(
      'ReluGrad',
      [{ name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT }],
      [dy!, y!],
    )
  },
}
