import { FusedKernel, type FusedKernelName } from '@metric-learning/ops'
import type { FusedKernelConfig } from './fused-kernel-config.js'

/** {@link FusedKernel.mulNoNan} by TensorFlow's MulNoNan, which tfjs has no name for. */
export const mulNoNanConfig = singleOperation(FusedKernel.mulNoNan, 'MulNoNan', ['x', 'y'])

/** {@link FusedKernel.divNoNan} by TensorFlow's DivNoNan; tfjs composes four operations. */
export const divNoNanConfig = singleOperation(FusedKernel.divNoNan, 'DivNoNan', ['x', 'y'])

/** {@link FusedKernel.reluGrad} by TensorFlow's ReluGrad, which takes relu's output as well as its input. */
export const reluGradConfig = singleOperation(FusedKernel.reluGrad, 'ReluGrad', ['dy', 'y'])

/** {@link FusedKernel.relu6Grad} by TensorFlow's Relu6Grad, of which the same is true. */
export const relu6GradConfig = singleOperation(FusedKernel.relu6Grad, 'Relu6Grad', ['dy', 'y'])

/** A kernel that is one TensorFlow operation on float32 tensors: `inputs` are the kernel's names for them, in its order. */
function singleOperation(kernelName: FusedKernelName, operation: string, inputs: readonly string[]): FusedKernelConfig<object> {
  return {
    kernelName,
    kernelFunc: (backend, tensors) => {
      const type = { name: 'T', type: backend.binding.TF_ATTR_TYPE, value: backend.binding.TF_FLOAT }
      return backend.executeSingleOutput(operation, [type], inputs.map((name) => tensors[name]!))
    },
  }
}
