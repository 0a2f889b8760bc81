import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { useBackend } from '../use-backend.js'

beforeAll(async () => {
  await useBackend('wasm', { log: () => undefined })
})

/** The numbers of a computation on another backend. */
async function on(backend: string, compute: () => tf.Tensor): Promise<number[]> {
  await tf.setBackend(backend)
  try {
    return Array.from(tf.tidy(() => compute().dataSync()))
  } finally {
    await tf.setBackend('wasm')
  }
}

function noLeak(compute: () => tf.Tensor): void {
  compute().dispose()
  const before = tf.memory()
  for (let i = 0; i < 20; i++) compute().dispose()
  expect(tf.memory().numTensors).toBe(before.numTensors)
  expect(tf.memory().numDataBuffers).toBe(before.numDataBuffers)
}

describe('gradient of a convolution with respect to its filter, on wasm', () => {
  it.each([
    { size: [7, 7], filter: [3, 3], strides: 1, pad: 'same' },
    { size: [7, 6], filter: [3, 2], strides: 1, pad: 'valid' },
    { size: [8, 7], filter: [3, 3], strides: 2, pad: 'same' },
    { size: [8, 9], filter: [2, 3], strides: 3, pad: 'valid' },
    { size: [6, 6], filter: [1, 1], strides: 2, pad: 'valid' },
    { size: [5, 5], filter: [3, 3], strides: 1, pad: 2 },
  ] as const)('equals the one of the cpu backend: $size, $filter, stride $strides, $pad', async (c) => {
    const gradient = () => {
      const x = tf.randomNormal<tf.Rank.R4>([3, ...c.size, 2], 0, 1, 'float32', 1)
      const filter = tf.randomNormal<tf.Rank.R4>([...c.filter, 2, 4], 0, 1, 'float32', 2)
      const convolve = (w: tf.Tensor) => tf.conv2d(x, w as tf.Tensor4D, c.strides, c.pad)
      const weights = tf.cast(tf.range(0, convolve(filter).size), 'float32')
      const direction = tf.sub(tf.mod(tf.reshape(weights, convolve(filter).shape), 7), 3)
      return tf.grad(convolve)(filter, direction)
    }
    const wanted = await on('cpu', gradient)
    const got = await on('wasm', gradient)
    expect(got).toHaveLength(wanted.length)
    got.forEach((value, i) => expect(value).toBeCloseTo(wanted[i]!, 3))
  })

  it('leaks nothing', () => {
    const x = tf.ones<tf.Rank.R4>([2, 5, 5, 3])
    const filter = tf.ones<tf.Rank.R4>([3, 3, 3, 4])
    noLeak(() => tf.grad((w) => tf.conv2d(x, w as tf.Tensor4D, 1, 'same'))(filter))
  })
})

describe('unsortedSegmentSum on wasm', () => {
  it('sums rows of one id, leaves empty segments 0 and ids outside out', () => {
    const x = tf.tensor2d([[1, 2], [3, 4], [5, 6], [7, 8]])
    const sums = tf.unsortedSegmentSum(x, tf.tensor1d([2, 0, 2, -1], 'int32'), 4)
    expect(sums.arraySync()).toEqual([[3, 4], [0, 0], [6, 8], [0, 0]])
  })

  it('keeps integers', () => {
    const sums = tf.unsortedSegmentSum(tf.tensor1d([1, 2, 3], 'int32'), tf.tensor1d([0, 1, 0], 'int32'), 2)
    expect(sums.dtype).toBe('int32')
    expect(sums.arraySync()).toEqual([4, 2])
  })

  it('gives gather its gradient, without a leak', () => {
    const x = tf.tensor2d([[1, 2, 3], [4, 5, 6]])
    const indices = tf.tensor1d([2, 0, 2], 'int32')
    const gradient = () => tf.grad((input) => tf.gather(input, indices, 1))(x)
    expect(gradient().arraySync()).toEqual([[1, 0, 2], [1, 0, 2]])
    noLeak(gradient)
  })
})

describe('oneHot on wasm', () => {
  it('gives the type and the values asked for', () => {
    const indices = tf.tensor1d([1, 0], 'int32')
    expect(tf.oneHot(indices, 3).arraySync()).toEqual([[0, 1, 0], [1, 0, 0]])
    const floats = tf.oneHot(indices, 3, 0.75, 0.25, 'float32')
    expect(floats.dtype).toBe('float32')
    expect(floats.arraySync()).toEqual([[0.25, 0.75, 0.25], [0.75, 0.25, 0.25]])
  })

  it('leaks nothing', () => {
    const indices = tf.tensor1d([1, 0], 'int32')
    noLeak(() => tf.oneHot(indices, 3, 1, 0, 'float32'))
  })
})
