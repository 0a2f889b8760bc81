import * as tf from '@tensorflow/tfjs-core'
import type { NodeJSKernelBackend } from '#tfjs-node/nodejs_kernel_backend.js'

/**
 * Replaces tfjs-node's `GatherV2`, which reads all indices back to the host to check them: a stall on a GPU, and a
 * host read in the middle of a step. TensorFlow checks them itself on the CPU; on a GPU an index out of range gives 0.
 */
export function registerGatherWithoutRead(backendName: string): void {
  tf.unregisterKernel(tf.GatherV2, backendName)
  tf.registerKernel({
    kernelName: tf.GatherV2,
    backendName,
    kernelFunc: ({ inputs, attrs, backend }) =>
      gather(backend as NodeJSKernelBackend, inputs.x!, inputs.indices!, attrs as object as tf.GatherV2Attrs),
  })
}

function gather(
  backend: NodeJSKernelBackend,
  x: tf.TensorInfo,
  indices: tf.TensorInfo,
  { axis, batchDims }: tf.GatherV2Attrs,
): tf.Tensor {
  const { binding } = backend
  const type = (name: string, dtype: tf.DataType) => ({ name, type: binding.TF_ATTR_TYPE, value: backend.getDTypeInteger(dtype) })
  const axisTensor = tf.scalar(axis, 'int32')
  const gathered = backend.executeSingleOutput(
    tf.GatherV2,
    [
      { name: 'batch_dims', type: binding.TF_ATTR_INT, value: batchDims },
      type('Tparams', x.dtype),
      type('Tindices', indices.dtype),
      type('Taxis', 'int32'),
    ],
    [x, indices, axisTensor],
  )
  axisTensor.dispose()
  return gathered
}
