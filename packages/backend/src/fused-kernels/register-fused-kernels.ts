import * as tf from '@tensorflow/tfjs-core'
import type { NodeJSKernelBackend } from '@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.js'
import { batchNormTrainingConfig, batchNormTrainingGradConfig } from './batch-norm-training.js'
import { euclideanDistancesConfig } from './euclidean-distances.js'
import type { FusedKernelConfig } from './fused-kernel-config.js'
import { relu6GradConfig, reluGradConfig } from './relu-grad.js'
import { softmaxCrossEntropyConfig } from './softmax-cross-entropy.js'

function register<Attributes extends object>(backendName: string, config: FusedKernelConfig<Attributes>): void {
  tf.registerKernel({
    kernelName: config.kernelName,
    backendName,
    kernelFunc: ({ inputs, attrs, backend }) =>
      config.kernelFunc(backend as NodeJSKernelBackend, inputs as tf.NamedTensorInfoMap, attrs as object as Attributes),
  })
}

/** Registers every fused kernel for the native backend; modules find them by `hasFusedKernel` of core. */
export function registerFusedKernels(backendName: string): void {
  register(backendName, batchNormTrainingConfig)
  register(backendName, batchNormTrainingGradConfig)
  register(backendName, euclideanDistancesConfig)
  register(backendName, reluGradConfig)
  register(backendName, relu6GradConfig)
  register(backendName, softmaxCrossEntropyConfig)
}
