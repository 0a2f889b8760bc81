import * as tf from '@tensorflow/tfjs-core'
import { conv2DBackpropFilterConfig } from './conv2d-backprop-filter.js'
import { oneHotConfig } from './one-hot.js'
import { unsortedSegmentSumConfig } from './unsorted-segment-sum.js'

/** Gives the wasm backend what training needs and it lacks, and replaces what is wrong. Safe to call again. */
export function registerTrainingKernels(): void {
  if (tf.getKernel('Conv2DBackpropFilter', 'wasm') !== undefined) return
  tf.registerKernel(conv2DBackpropFilterConfig)
  tf.registerKernel(unsortedSegmentSumConfig)
  const oneHot = tf.getKernel('OneHot', 'wasm')
  tf.unregisterKernel('OneHot', 'wasm')
  tf.registerKernel(oneHotConfig(oneHot))
}
