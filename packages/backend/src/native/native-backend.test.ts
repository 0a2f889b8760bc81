import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it, vi } from 'vitest'
import { timeConvolution } from '../doctor/time-convolution.js'
import { firstInstalled } from '../install/native-layout.js'
import { useBackend } from '../use-backend.js'
import { loadedNativeBackend } from './loaded-native-backend.js'

const quiet = { log: () => undefined }

describe.runIf(firstInstalled())('the native backend', () => {
  it('computes convolutions and their gradients', async () => {
    await expect(useBackend('native-cpu', quiet)).resolves.toMatchObject({ name: 'native-cpu', tfjsName: 'tensorflow' })
    expect(tf.getBackend()).toBe('tensorflow')
    await timeConvolution() // throws when a gradient is wrong
  })

  it('is loaded once, and comes back after another backend', async () => {
    await useBackend('native-cpu', quiet)
    const backend = loadedNativeBackend()
    await useBackend('cpu', quiet)
    await useBackend('native-cpu', quiet)
    expect(tf.getBackend()).toBe('tensorflow')
    expect(loadedNativeBackend()).toBe(backend)
  })

  it('finds no kernel registered twice', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    await useBackend('native-cpu', quiet)
    await useBackend('wasm', quiet)
    await useBackend('wasm', quiet)
    await useBackend('native-cpu', quiet)
    expect(warn).not.toHaveBeenCalled()
    warn.mockRestore()
  })

  it('lends TensorFlow no memory of arrays, wherever they lie', async () => {
    await useBackend('native-cpu', quiet)
    const arrays = Array.from({ length: 2000 }, (_, i) => new Float32Array(new ArrayBuffer(256), 4 * (i % 16), 8).fill(1))
    tf.tidy(() => {
      const tensors = arrays.map((values) => tf.tensor1d(values))
      for (const tensor of tensors) tf.neg(tensor) // uploads
      for (const values of arrays) values.fill(2)
      expect(tensors.filter((tensor) => tf.neg(tensor).dataSync()[0] !== -1)).toHaveLength(0)
    })
  })
})
