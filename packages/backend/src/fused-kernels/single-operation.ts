import type { FusedKernelName } from '@metric-learning/ops'
import type { FusedKernelConfig } from './fused-kernel-config.js'

/** A kernel that is one TensorFlow operation on float32 tensors: `inputs` are the kernel's names for them, in its order. */
export function singleOperation(
  kernelName: FusedKernelName,
  operation: string,
  inputs: readonly string[],
): FusedKernelConfig<object> {
  return {
    kernelName,
    kernelFunc: (backend, tensors) => {
      const type = { name: 'T', type: backend.binding.TF_ATTR_TYPE, value: backend.binding.TF_FLOAT }
      return backend.executeSingleOutput(operation, [type], inputs.map((name) => tensors[name]!))
    },
  }
}
