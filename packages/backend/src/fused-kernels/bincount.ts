import * as tf from '@tensorflow/tfjs-core'
import { FusedKernel } from '@metric-learning/core'
import type { FusedKernelConfig } from './fused-kernel-config.js'

/**
 * {@link FusedKernel.bincount} by TensorFlow's DenseBincount, on CPUs, where it is ten times as fast as ScatterNd; on a GPU
 * it takes no weights.
 */
export const bincountConfig: FusedKernelConfig<{ readonly size: number }> = {
  kernelName: FusedKernel.bincount,
  kernelFunc: (backend, { places, weights }, { size }) => {
    const { TF_ATTR_TYPE, TF_ATTR_BOOL, TF_INT32, TF_FLOAT } = backend.binding
    const attributes = [
      { name: 'Tidx', type: TF_ATTR_TYPE, value: TF_INT32 },
      { name: 'T', type: TF_ATTR_TYPE, value: TF_FLOAT },
      { name: 'binary_output', type: TF_ATTR_BOOL, value: false },
    ]
    const count = tf.scalar(size, 'int32')
    const counts = backend.executeSingleOutput('DenseBincount', attributes, [places!, count, weights!])
    count.dispose()
    return counts
  },
}
