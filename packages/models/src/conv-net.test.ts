import * as tf from '@tensorflow/tfjs-core'
import { OptionError, Random, ShapeError } from '@metric-learning/contracts'
import { describe, expect, it } from 'vitest'
import { ConvNet } from './conv-net.js'
import { countParameters } from './parameters/count-parameters.js'

describe('ConvNet', () => {
  it('has 32, 64, 128 and 128 channels by default, and names as a state dict has them', () => {
    const net = new ConvNet()
    expect(net.outputSize).toBe(128)
    expect([...net.parameters].map(([name, { shape }]) => [name, shape]).slice(0, 4)).toEqual([
      ['blocks.0.conv.weight', [3, 3, 1, 32]],
      ['blocks.0.norm.weight', [32]],
      ['blocks.0.norm.bias', [32]],
      ['blocks.1.conv.weight', [3, 3, 32, 64]],
    ])
    expect([...net.buffers.keys()].slice(-2)).toEqual(['blocks.3.norm.running_mean', 'blocks.3.norm.running_var'])
    // 9 · (1·32 + 32·64 + 64·128 + 128·128) + 2 · (32 + 64 + 128 + 128)
    expect(countParameters(net)).toBe(240_608)
    net.dispose()
  })

  it('draws from the given source only, so that one seed gives one network', async () => {
    const weightsOf = async (net: ConvNet) => [...(await net.parameters.get('blocks.1.conv.weight')!.data())]
    const [a, b, c] = [
      new ConvNet({ width: 2, seed: 7 }),
      new ConvNet({ width: 2, random: new Random(7) }),
      new ConvNet({ width: 2, seed: 8 }),
    ]
    expect(await weightsOf(a)).toEqual(await weightsOf(b))
    expect(await weightsOf(a)).not.toEqual(await weightsOf(c))
    const bound = 1 / Math.sqrt(9 * 2)
    expect(Math.max(...(await weightsOf(a)).map(Math.abs))).toBeLessThanOrEqual(bound)
  })

  it('takes other blocks and odd image sizes', () => {
    const net = new ConvNet({ inputChannels: 3, width: 2, blocks: 2 })
    const output = net.call(tf.zeros([5, 7, 9, 3]), { training: false })
    expect(output.shape).toEqual([5, 4])
  })

  it('leaks nothing over 100 training steps', () => {
    const net = new ConvNet({ width: 1, blocks: 2 })
    const images = tf.randomNormal([2, 4, 4, 1], 0, 1, 'float32', 1)
    const before = tf.memory().numTensors
    for (let step = 0; step < 100; step++) {
      tf.tidy(() => {
        tf.variableGrads(() => tf.sum(tf.square(net.call(images, { training: true }))))
      })
      net.call(images, { training: false }).dispose()
    }
    expect(tf.memory().numTensors).toBe(before)
    net.dispose()
    expect(tf.memory().numTensors).toBe(before - net.parameters.size - net.buffers.size)
  })

  it('rejects what does not fit, in words', () => {
    const net = new ConvNet({ width: 1 })
    expect(() => net.call(tf.zeros([1, 28, 28, 3]), { training: false })).toThrow(ShapeError)
    expect(() => net.call(tf.zeros([1, 15, 28, 1]), { training: false })).toThrow(
      'ConvNet: wanted images of at least 16×16 pixels for 4 blocks, got [1, 15, 28, 1]. Use larger images, or fewer `blocks`.',
    )
    expect(() => new ConvNet({ width: 0 })).toThrow(OptionError)
    expect(() => new ConvNet({ seed: 1, random: new Random(1) })).toThrow('wanted `random` or `seed`, got both')
    expect(() => new ConvNet({ channels: 3 } as object)).toThrow(OptionError)
  })
})
