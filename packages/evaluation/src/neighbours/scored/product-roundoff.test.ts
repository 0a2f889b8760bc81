import * as tf from '@tensorflow/tfjs-core'
import { expect, it, vi } from 'vitest'
import { productRoundoff } from './product-roundoff.js'

it('productRoundoff is 0 where products take float32 whole', async () => {
  const before = tf.memory().numTensors
  expect(await productRoundoff()).toBe(0)
  expect(tf.memory().numTensors).toBe(before)
})

it('productRoundoff is what is lost where they do not, as in TensorFloat-32', async () => {
  const toTenBits = (value: number) => Math.round(value * 2 ** 10) / 2 ** 10
  const { matMul } = tf
  const product = vi.spyOn(tf.engine(), 'runKernel').mockImplementation(((name: string, inputs: { a: tf.Tensor; b: tf.Tensor }) => {
    product.mockRestore()
    expect(name).toBe('BatchMatMul')
    const rounded = tf.tensor(inputs.a.dataSync().map(toTenBits), inputs.a.shape)
    return matMul(rounded as tf.Tensor2D, inputs.b as tf.Tensor2D, false, true)
  }) as never)
  expect(await productRoundoff()).toBeCloseTo(2 ** -11, 4)
})
