import { FusedKernel } from '@metric-learning/core'
import type { FusedKernelConfig } from './fused-kernel-config.js'

/** {@link FusedKernel.mulNoNan} by TensorFlow's MulNoNan, which tfjs has no name for. */
export const mulNoNanConfig = ofTwo(FusedKernel.mulNoNan, 'MulNoNan')

/** {@link FusedKernel.divNoNan} by TensorFlow's DivNoNan; tfjs composes four operations. */
export const divNoNanConfig = ofTwo(FusedKernel.divNoNan, 'DivNoNan')

function ofTwo(
  kernelName: typeof FusedKernel.mulNoNan | typeof FusedKernel.divNoNan,
  operation: string,
): FusedKernelConfig<object> {
  return {
    kernelName,
    kernelFunc: (backend, { x, y }) => {
      const type = { name: 'T', type: backend.binding.TF_ATTR_TYPE, value: backend.binding.TF_FLOAT }
      return backend.executeSingleOutput(operation, [type], [x!, y!])
    },
  }
}
