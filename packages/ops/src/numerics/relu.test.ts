import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { FusedKernel } from '../fused-kernels.js'
import { relu } from './relu.js'

const x = tf.tensor1d([-2, 0, 3])
const gradientOf = () => [...tf.grad((input) => relu(input))(x, tf.tensor1d([5, 6, 7])).dataSync()]

describe('relu', () => {
  it('is max(x, 0), with gradient 0 up to 0', () => {
    expect([...relu(x).dataSync()]).toEqual([0, 0, 3])
    expect(gradientOf()).toEqual([0, 0, 7])
  })

  it('leaves its gradient to the fused kernel where there is one', () => {
    const kernelName = FusedKernel.reluGrad
    const backendName = tf.getBackend()
    const registered = tf.getKernel(kernelName, backendName)
    if (registered) tf.unregisterKernel(kernelName, backendName)
    tf.registerKernel({
      kernelName,
      backendName,
      kernelFunc: ({ inputs }) => tf.add(tf.mul(inputs.dy as tf.Tensor, 100), inputs.y as tf.Tensor),
    })
    try {
      expect(gradientOf()).toEqual([500, 600, 703])
    } finally {
      tf.unregisterKernel(kernelName, backendName)
      if (registered) tf.registerKernel(registered)
    }
  })
})
