import { FusedKernel } from '@metric-learning/core'
import type { FusedKernelConfig } from './fused-kernel-config.js'

/** {@link FusedKernel.reluGrad} by TensorFlow's ReluGrad, which takes relu's output as well as its input. */
export const reluGradConfig = gradientFromOutput(FusedKernel.reluGrad, 'ReluGrad')

/** {@link FusedKernel.relu6Grad} by TensorFlow's Relu6Grad, of which the same is true. */
export const relu6GradConfig = gradientFromOutput(FusedKernel.relu6Grad, 'Relu6Grad')

function gradientFromOutput(
  kernelName: typeof FusedKernel.reluGrad | typeof FusedKernel.relu6Grad,
  operation: string,
): FusedKernelConfig<object> {
  return {
    kernelName,
    kernelFunc: (backend, { dy, y }) => {
      const type = { name: 'T', type: backend.binding.TF_ATTR_TYPE, value: backend.binding.TF_FLOAT }
      return backend.executeSingleOutput(operation, [type], [dy!, y!])
    },
  }
}
