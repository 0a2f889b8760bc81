import { FusedKernel } from '@metric-learning/ops'
import type { FusedKernelConfig } from './fused-kernel-config.js'

/** {@link FusedKernel.softmaxCrossEntropy} by TensorFlow's SoftmaxCrossEntropyWithLogits. */
export const softmaxCrossEntropyConfig: FusedKernelConfig<object> = {
  kernelName: FusedKernel.softmaxCrossEntropy,
  kernelFunc: (backend, { logits, targets }) => {
    const type = { name: 'T', type: backend.binding.TF_ATTR_TYPE, value: backend.binding.TF_FLOAT }
    return backend.executeMultipleOutputs('SoftmaxCrossEntropyWithLogits', [type], [logits!, targets!], 2)
  },
}

/** {@link FusedKernel.sparseSoftmaxCrossEntropy} by TensorFlow's SparseSoftmaxCrossEntropyWithLogits. */
export const sparseSoftmaxCrossEntropyConfig: FusedKernelConfig<object> = {
  kernelName: FusedKernel.sparseSoftmaxCrossEntropy,
  kernelFunc: (backend, { logits, labels }) => {
    const { TF_ATTR_TYPE: type, TF_FLOAT, TF_INT32 } = backend.binding
    const types = [
      { name: 'T', type, value: TF_FLOAT },
      { name: 'Tlabels', type, value: TF_INT32 },
    ]
    return backend.executeMultipleOutputs('SparseSoftmaxCrossEntropyWithLogits', types, [logits!, labels!], 2)
  },
}
