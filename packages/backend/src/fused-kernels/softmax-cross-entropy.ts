import { FusedKernel } from '@metric-learning/core'
import type { FusedKernelConfig } from './fused-kernel-config.js'

/** {@link FusedKernel.softmaxCrossEntropy} by TensorFlow's SoftmaxCrossEntropyWithLogits. */
export const softmaxCrossEntropyConfig: FusedKernelConfig<object> = {
  kernelName: FusedKernel.softmaxCrossEntropy,
  kernelFunc: (backend, { logits, targets }) => {
    const type = { name: 'T', type: backend.binding.TF_ATTR_TYPE, value: backend.binding.TF_FLOAT }
    return backend.executeMultipleOutputs('SoftmaxCrossEntropyWithLogits', [type], [logits!, targets!], 2)
  },
}
