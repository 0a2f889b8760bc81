import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, expect, it } from 'vitest'
import { useBackend } from '../use-backend.js'

beforeAll(async () => {
  await useBackend('wasm', { log: () => undefined })
})

function batchNorm(x: tf.Tensor4D): tf.Tensor4D {
  const { mean, variance } = tf.moments(x, [0, 1, 2])
  return tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 1e-5)))
}

it('trains a convolutional network on the wasm backend', () => {
  const weights = (shape: number[], seed: number) => tf.variable(tf.randomNormal(shape, 0, 0.3, 'float32', seed))
  const conv1 = weights([3, 3, 1, 8], 1)
  const conv2 = weights([3, 3, 8, 8], 2)
  const dense = weights([8, 3], 3)

  // Three classes: stripes across, stripes down, neither; with noise.
  const labels = Int32Array.from({ length: 12 }, (_, i) => i % 3)
  const pixel = (label: number, row: number, column: number) => (label === 0 ? row % 2 : label === 1 ? column % 2 : 0.5)
  const clean = Array.from(labels, (label) =>
    Array.from({ length: 8 }, (_, row) => Array.from({ length: 8 }, (_, column) => [pixel(label, row, column)])),
  )
  const images = tf.add(tf.tensor4d(clean), tf.randomNormal([12, 8, 8, 1], 0, 0.1, 'float32', 4))
  // The log probability of the image's own class, in the row of all of them.
  const own = tf.tensor1d(labels.map((label, i) => 3 * i + label), 'int32')

  const loss = () => {
    let x = tf.maxPool(tf.relu(batchNorm(tf.conv2d(images as tf.Tensor4D, conv1 as tf.Tensor4D, 1, 'same'))), 2, 2, 'same')
    x = tf.avgPool(tf.relu(batchNorm(tf.conv2d(x, conv2 as tf.Tensor4D, 2, 'same'))), 2, 1, 'same')
    const logProbabilities = tf.logSoftmax(tf.matMul(tf.mean<tf.Tensor2D>(x, [1, 2]), dense as tf.Tensor2D))
    return tf.neg(tf.mean<tf.Scalar>(tf.gather(tf.reshape(logProbabilities, [-1]), own)))
  }

  const adam = tf.train.adam(0.02)
  const losses = Array.from({ length: 20 }, () => tf.tidy(() => adam.minimize(loss, true)!.dataSync()[0]!))
  expect(tf.getBackend()).toBe('wasm')
  expect(losses.every(Number.isFinite)).toBe(true)
  expect(losses.at(-1)).toBeLessThan(losses[0]! / 2)
})
