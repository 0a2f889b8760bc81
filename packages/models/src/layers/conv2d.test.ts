import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { Conv2d } from './conv2d.js'
import { maxPool3x3 } from './max-pool-3x3.js'

/** Rows of 0 … 15, as an image of 4×4. */
const image = tf.reshape<tf.Rank.R4>(tf.range(0, 16), [1, 4, 4, 1])

describe('Conv2d', () => {
  it('with a stride, looks at the pixels around even ones, as PyTorch does', () => {
    const conv = new Conv2d({ inputChannels: 1, outputChannels: 1, stride: 2 })
    conv.parameters.get('weight')!.assign(tf.ones([3, 3, 1, 1]))
    // Around (0, 0): 0 + 1 + 4 + 5; around (0, 2): 1 + 2 + 3 + 5 + 6 + 7; 'same' would begin at (1, 1) with 45.
    expect([...conv.call(image).dataSync()]).toEqual([10, 24, 51, 90])
    conv.dispose()
  })

  it('rejects what has no meaning, in words', () => {
    const sizes = { inputChannels: 1, outputChannels: 1 }
    expect(() => new Conv2d({ ...sizes, kernelSize: 4, stride: 2 })).toThrow(
      'Conv2d: wanted an odd `kernelSize` with a `stride` above 1, got 4.',
    )
    expect(() => new Conv2d({ ...sizes, stride: 0 })).toThrow('`stride` to be an integer of at least 1, got 0')
    expect(() => new Conv2d({ ...sizes, initialization: 'zeros' } as never)).toThrow(
      "wanted `initialization` to be 'fan-in' or 'fan-out', got zeros",
    )
  })
})

describe('maxPool3x3', () => {
  it('takes the largest value around even pixels, and nothing from beyond the border', () => {
    expect([...maxPool3x3(tf.sub(image, 20)).dataSync()]).toEqual([-15, -13, -7, -5])
  })
})
