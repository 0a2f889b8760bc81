import * as tf from '@tensorflow/tfjs-core'

/**
 * Sums of the slices of `x` that share a segment id, which the wasm backend lacks: the gradient of `tf.gather`.
 * An id outside the segments adds to none. In place, in memory that wasm shares with us.
 */
export const unsortedSegmentSumConfig: tf.KernelConfig = {
  kernelName: 'UnsortedSegmentSum',
  backendName: 'wasm',
  kernelFunc: ({ inputs, attrs, backend }) => {
    const { x, segmentIds } = inputs as { x: tf.TensorInfo; segmentIds: tf.TensorInfo }
    const { numSegments } = attrs as { numSegments: number }
    const { readSync } = backend as tf.KernelBackend
    const values = readSync.call(backend, x.dataId) as Float32Array | Int32Array
    const ids = readSync.call(backend, segmentIds.dataId) as Int32Array
    const inner = tf.util.sizeFromShape(x.shape.slice(segmentIds.shape.length))
    const sums = new (x.dtype === 'float32' ? Float32Array : Int32Array)(numSegments * inner)
    ids.forEach((id, slice) => {
      if (id < 0 || id >= numSegments) return
      for (let i = 0; i < inner; i++) sums[id * inner + i]! += values[slice * inner + i]!
    })
    return tf.tensor(sums, [numSegments, ...x.shape.slice(segmentIds.shape.length)], x.dtype)
  },
}
