import * as tf from '@tensorflow/tfjs-core'
import { OptionError, ShapeError } from '@metric-learning/contracts'
import { describe, expect, it } from 'vitest'
import { countParameters } from '../parameters/count-parameters.js'
import { ResNet } from './resnet.js'
import { ResNet18 } from './resnet18.js'
import { ResNet50 } from './resnet50.js'

describe('ResNet', () => {
  it('has the sizes and names of torchvision 0.28.0', () => {
    const net = new ResNet18()
    // sum(p.numel() for p in resnet18().parameters()) without fc
    expect(countParameters(net)).toBe(11_176_512)
    expect(net.outputSize).toBe(512)
    expect([...net.parameters.keys()].slice(0, 6)).toEqual([
      'conv1.weight',
      'bn1.weight',
      'bn1.bias',
      'layer1.0.conv1.weight',
      'layer1.0.bn1.weight',
      'layer1.0.bn1.bias',
    ])
    expect(net.parameters.get('layer2.0.downsample.0.weight')!.shape).toEqual([1, 1, 64, 128])
    expect([...net.buffers.keys()].at(-1)).toBe('layer4.1.bn2.running_var')
    net.dispose()
  })

  it('draws convolutions from N(0, 2 / fan out)', () => {
    const net = new ResNet({ blocks: [1], width: 32, seed: 3 })
    const weight = net.parameters.get('layer1.0.conv1.weight')!
    const { mean, variance } = tf.moments(weight)
    const wanted = 2 / (9 * 32)
    // 9,216 draws: the variance of their variance is 2 / 9,216, so three deviations are 4.4 %
    expect(Math.abs(variance.dataSync()[0]! / wanted - 1)).toBeLessThan(0.044)
    expect(Math.abs(mean.dataSync()[0]!)).toBeLessThan(3 * Math.sqrt(wanted / 9216))
    net.dispose()
  })

  it('takes images of any size, and keeps small ones large with the small stem', () => {
    const net = new ResNet({ blocks: [1, 1], width: 2, inputChannels: 1 })
    expect(net.call(tf.zeros([2, 1, 5, 1]), { training: false }).shape).toEqual([2, 4])
    const small = new ResNet({ blocks: [1, 1], width: 2, block: 'bottleneck', stem: 'small' })
    expect(small.parameters.get('conv1.weight')!.shape).toEqual([3, 3, 3, 2])
    expect(small.call(tf.zeros([2, 8, 8, 3]), { training: false }).shape).toEqual([2, 16])
  })

  it('leaks nothing over training steps', () => {
    const net = new ResNet({ blocks: [1, 1], width: 1 })
    const images = tf.randomNormal([2, 9, 8, 3], 0, 1, 'float32', 1)
    const before = tf.memory().numTensors
    for (let step = 0; step < 10; step++) {
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
    const net = new ResNet({ blocks: [1], width: 1 })
    expect(() => net.call(tf.zeros([1, 8, 8, 1]), { training: false })).toThrow(ShapeError)
    expect(() => new ResNet({ blocks: [] })).toThrow('ResNet: wanted `number of stages` to be a number of at least 1, got 0')
    expect(() => new ResNet({ blocks: [1, 0] })).toThrow('`blocks[1]` to be an integer of at least 1, got 0')
    expect(() => new ResNet({ stem: 'tiny' } as object)).toThrow("wanted `stem` to be 'large' or 'small', got tiny")
    expect(() => new ResNet50({ width: 32 } as object)).toThrow(OptionError)
  })
})
