import * as tf from '@tensorflow/tfjs-core'
import type { NodeJSKernelBackend } from '#tfjs-node/nodejs_kernel_backend.js'
import { batchNormTrainingConfig, batchNormTrainingGradConfig } from './batch-norm-training.js'
import { bincountConfig } from './bincount.js'
import { cpuEuclideanDistancesConfig, euclideanDistancesConfig } from './euclidean-distances.js'
import { euclideanDistancesAtConfig, euclideanDistancesAtGradConfig } from './euclidean-distances-at.js'
import { expectFiniteConfig } from './expect-finite.js'
import type { FusedKernelConfig } from './fused-kernel-config.js'
import { hardestPairsConfig } from './hardest-pairs.js'
import { pairHingesConfig } from './pair-hinges.js'
import { divNoNanConfig, mulNoNanConfig, relu6GradConfig, reluGradConfig } from './single-operations.js'
import { softmaxCrossEntropyConfig, sparseSoftmaxCrossEntropyConfig } from './softmax-cross-entropy.js'

function register<Attributes extends object>(backendName: string, config: FusedKernelConfig<Attributes>): void {
  tf.registerKernel({
    kernelName: config.kernelName,
    backendName,
    kernelFunc: ({ inputs, attrs, backend }) =>
      config.kernelFunc(backend as NodeJSKernelBackend, inputs as tf.NamedTensorInfoMap, attrs as object as Attributes),
  })
}

/**
 * Registers fused kernels for the native backend; modules find them by `hasFusedKernel` of ops.
 *
 * Softmax cross entropy only for a GPU: TensorFlow's CPU kernel for it takes two to four times as long as the
 * operations that it stands for (1,024 × 10,000 on two cores: 120 to 136 ms against 32 to 43).
 */
export function registerFusedKernels(backendName: string, device: 'CPU' | 'GPU'): void {
  register(backendName, batchNormTrainingConfig)
  register(backendName, batchNormTrainingGradConfig)
  register(backendName, expectFiniteConfig)
  register(backendName, mulNoNanConfig)
  register(backendName, divNoNanConfig)
  register(backendName, reluGradConfig)
  register(backendName, relu6GradConfig)
  if (device === 'CPU') {
    register(backendName, bincountConfig)
    register(backendName, cpuEuclideanDistancesConfig)
    register(backendName, hardestPairsConfig)
    register(backendName, pairHingesConfig)
    register(backendName, euclideanDistancesAtConfig)
    register(backendName, euclideanDistancesAtGradConfig)
  } else {
    register(backendName, euclideanDistancesConfig)
    register(backendName, softmaxCrossEntropyConfig)
    register(backendName, sparseSoftmaxCrossEntropyConfig)
  }
}
