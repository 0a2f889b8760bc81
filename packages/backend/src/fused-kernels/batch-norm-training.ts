import * as tf from '@tensorflow/tfjs-core'
import { FusedKernel } from '@metric-learning/ops'
import type { NodeJSKernelBackend } from '#tfjs-node/nodejs_kernel_backend.js'
import type { TFEOpAttr } from '#tfjs-node/tfjs_binding.js'
import type { FusedKernelConfig } from './fused-kernel-config.js'

interface GradAttributes {
  readonly epsilon: number
}

interface Attributes extends GradAttributes {
  readonly momentum: number
}

/** The attributes that TensorFlow's FusedBatchNormV3 and FusedBatchNormGradV3 share. */
function attributes({ binding }: NodeJSKernelBackend, epsilon: number): TFEOpAttr[] {
  return [
    { name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
    { name: 'U', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
    { name: 'epsilon', type: binding.TF_ATTR_FLOAT, value: epsilon },
    { name: 'data_format', type: binding.TF_ATTR_STRING, value: 'NHWC' },
    { name: 'is_training', type: binding.TF_ATTR_BOOL, value: true },
  ]
}

/** {@link FusedKernel.batchNormTraining} by TensorFlow's FusedBatchNormV3. */
export const batchNormTrainingConfig: FusedKernelConfig<Attributes> = {
  kernelName: FusedKernel.batchNormTraining,
  kernelFunc: (backend, { x, scale, offset, runningMean, runningVariance }, { epsilon, momentum }) => {
    const all: TFEOpAttr[] = [
      ...attributes(backend, epsilon),
      { name: 'exponential_avg_factor', type: backend.binding.TF_ATTR_FLOAT, value: momentum },
    ]
    const run = (mean: tf.TensorInfo, variance: tf.TensorInfo) =>
      backend.executeMultipleOutputs('FusedBatchNormV3', all, [x!, scale!, offset!, mean, variance], 6)
    if (momentum < 1) return run(runningMean!, runningVariance!)
    const none = tf.tensor1d([], 'float32') // TensorFlow takes no running statistics that would be forgotten at once
    try {
      return run(none, none)
    } finally {
      none.dispose()
    }
  },
}

/** {@link FusedKernel.batchNormTrainingGrad} by TensorFlow's FusedBatchNormGradV3. */
export const batchNormTrainingGradConfig: FusedKernelConfig<GradAttributes> = {
  kernelName: FusedKernel.batchNormTrainingGrad,
  kernelFunc: (backend, { dy, x, scale, reserve1, reserve2, reserve3 }, { epsilon }) => {
    const inputs = [dy!, x!, scale!, reserve1!, reserve2!, reserve3!]
    const outputs = backend.executeMultipleOutputs('FusedBatchNormGradV3', attributes(backend, epsilon), inputs, 5)
    tf.dispose(outputs.slice(3)) // gradients of running statistics, which training has none of
    return outputs.slice(0, 3)
  },
}
