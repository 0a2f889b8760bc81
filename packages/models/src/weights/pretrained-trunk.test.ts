import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DataError, OptionError, StateError } from '@metric-learning/contracts'
import * as tf from '@tensorflow/tfjs-core'
import { afterAll, describe, expect, it } from 'vitest'
import { EfficientNetLite0 } from '../efficientnet/efficientnet-lite0.js'
import { countParameters } from '../parameters/count-parameters.js'
import { ResNet18 } from '../resnet/resnet18.js'
import { encodeSafetensors } from '../safetensors/safetensors.js'
import { saveModule } from '../safetensors/save-module.js'
import { architectureOf } from './architecture-of.js'
import { fromEfficientNetLitePytorch, fromKerasResNet } from './names-of-weights.js'
import { pretrainedTrunk, type PretrainedName } from './pretrained-trunk.js'

const base = await mkdtemp(join(tmpdir(), 'pretrained-trunk-'))
afterAll(() => rm(base, { recursive: true }))

describe('pretrainedTrunk', { timeout: 180_000 }, async () => {
  const file = join(base, 'resnet18.safetensors')
  const saved = new ResNet18({ seed: 3 })
  await saveModule(saved, file)

  it('has the weights of the file, and says how images are normalised', async () => {
    const { trunk, normalization, imageSize, cut } = await pretrainedTrunk({ name: 'torchvision/resnet18', file })
    expect([normalization.mean, imageSize, cut]).toEqual([[0.485, 0.456, 0.406], 224, 'avgpool'])
    const images = tf.randomNormal([1, 32, 32, 3], 0, 1, 'float32', 1)
    expect(trunk.call(images, { training: false }).dataSync()).toEqual(saved.call(images, { training: false }).dataSync())
    trunk.dispose()
  })

  it('moves running statistics as its library does', async () => {
    const net = new EfficientNetLite0({ seed: 1 })
    const lite = join(base, 'lite.safetensors')
    await saveModule(net, lite)
    const images = tf.randomNormal([2, 32, 32, 3], 1, 1, 'float32', 1)
    const moved = async (name: PretrainedName) => {
      const { trunk } = await pretrainedTrunk({ name, file: lite })
      trunk.call(images, { training: true })
      const mean = trunk.buffers.get('bn1.running_mean')!.dataSync()[0]!
      trunk.dispose()
      return mean
    }
    expect((await moved('efficientnet_lite_pytorch/efficientnet-lite0')) / (await moved('timm/tf_efficientnet_lite0'))).toBeCloseTo(0.1, 5)
    net.dispose()
  })

  it('takes grey images as if grey were repeated', async () => {
    const { trunk, normalization } = await pretrainedTrunk({ name: 'torchvision/resnet18', file, inputChannels: 1 })
    expect([normalization.mean[0], normalization.std[0], normalization.mean.length]).toEqual([expect.closeTo(0.449, 12), expect.closeTo(0.226, 12), 1])
    const grey = tf.randomNormal([2, 32, 32, 1], 0, 1, 'float32', 1)
    const [ours, wanted] = [trunk.call(grey, { training: false }), saved.call(tf.tile(grey, [1, 1, 1, 3]), { training: false })]
    expect(tf.max(tf.abs(tf.sub(ours, wanted))).dataSync()[0]).toBeLessThan(1e-4 * tf.max(tf.abs(wanted)).dataSync()[0]!)
    trunk.dispose()
    await expect(pretrainedTrunk({ name: 'torchvision/resnet18', file, inputChannels: 2 as never })).rejects.toThrow('inputChannels')
  })

  it('names both networks when weights are of another, and leaves no tensor', async () => {
    const before = tf.memory().numTensors
    const loading = pretrainedTrunk({ name: 'timm/resnet34', file })
    await expect(loading).rejects.toThrow(StateError)
    await expect(loading).rejects.toThrow(`pretrainedTrunk: wanted weights of ResNet34, for 'timm/resnet34', in ${file}, got those of ResNet18. Pass the \`name\` that belongs to the file`)
    await expect(pretrainedTrunk({ name: 'keras/resnet50', file })).rejects.toThrow('got those of another network')
    expect(tf.memory().numTensors).toBe(before)
  })

  it('refuses files that are none, names and options that it does not have', async () => {
    await expect(pretrainedTrunk({ name: 'torchvision/resnet19' as never, file })).rejects.toThrow(OptionError)
    await expect(pretrainedTrunk({ name: 'torchvision/resnet18', file, size: 3 } as never)).rejects.toThrow(OptionError)
    await expect(pretrainedTrunk({ name: 'torchvision/resnet18', file: join(base, 'none.pth') })).rejects.toThrow(DataError)
    const text = join(base, 'text.pth')
    await writeFile(text, 'no weights')
    await expect(pretrainedTrunk({ name: 'torchvision/resnet18', file: text })).rejects.toThrow(/wanted a state dict of torch\.save in .*text\.pth, got a pickle with the code 0x6e/)
    await expect(pretrainedTrunk({ name: 'keras/resnet50', file: join(base, 'model.json') })).rejects.toThrow('wanted a layers-model of TensorFlow.js')
    const other = join(base, 'other.safetensors')
    await writeFile(other, encodeSafetensors({ tensors: new Map([['w', { shape: [1], values: Float32Array.of(1) }]]), metadata: {} }))
    await expect(pretrainedTrunk({ name: 'torchvision/resnet18', file: other })).rejects.toThrow('got those of another network ("w", …)')
  })
})

describe('names of weights', () => {
  it('of efficientnet_lite_pytorch become those of timm', () => {
    const net = new EfficientNetLite0()
    const names = [...net.parameters.keys(), ...net.buffers.keys()]
    const tensor = { shape: [1], values: Float32Array.of(1) }
    const theirs = ['_conv_stem.weight', '_bn0.running_var', '_blocks.0._bn2.bias', '_blocks.0._depthwise_conv.weight', '_blocks.1._bn0.weight', '_blocks.15._project_conv.weight', '_bn1.weight', '_fc.bias']
    const ours = [...fromEfficientNetLitePytorch(new Map(theirs.map((name) => [name, tensor]))).keys()]
    expect(ours).toEqual(['conv_stem.weight', 'bn1.running_var', 'blocks.0.0.bn2.bias', 'blocks.0.0.conv_dw.weight', 'blocks.1.0.bn1.weight', 'blocks.6.0.conv_pwl.weight', 'bn2.weight'])
    for (const name of ours) expect(names).toContain(name)
    net.dispose()
  })

  it('of Keras become those of torchvision, biases go into running means, and blue, green, red is turned round', () => {
    const of = (...values: number[]) => ({ shape: [values.length], values: Float32Array.from(values) })
    const got = fromKerasResNet(
      new Map([
        ['conv1/kernel', { shape: [1, 1, 3, 2], values: Float32Array.of(1, 2, 3, 4, 5, 6) }],
        ['conv1/bias', of(10, 20)],
        ['bn_conv1/moving_mean', of(1, 2)],
        ['res2a_branch1/kernel', { shape: [1, 1, 2, 1], values: Float32Array.of(7, 8) }],
        ['res2a_branch1/bias', of(3)],
        ['bn2a_branch1/moving_mean', of(4)],
        ['bn5c_branch2b/gamma', of(5)],
        ['bn5c_branch2b/moving_variance', of(6)],
        ['fc1000/bias', of(1)],
      ]),
    )
    expect(Object.fromEntries([...got].map(([name, { values }]) => [name, [...values]]))).toEqual({
      'conv1.weight': [5, 3, 1, 6, 4, 2],
      'bn1.running_mean': [-9, -18],
      'layer1.0.downsample.0.weight': [7, 8],
      'layer1.0.downsample.1.running_mean': [1],
      'layer4.2.bn2.weight': [5],
      'layer4.2.bn2.running_var': [6],
    })
  })
})

describe('architectureOf', () => {
  it('tells networks by their blocks', () => {
    const net = new EfficientNetLite0()
    const shapes = new Map([...net.parameters].map(([name, { shape }]) => [name, { shape: [...shape].reverse() }]))
    expect(architectureOf(shapes)).toBe('EfficientNetLite0')
    net.dispose()
    expect(architectureOf(new Map([['conv1.weight', { shape: [8] }], ['layer1.0.conv2.weight', { shape: [8] }]]))).toBe('a ResNet of 1 basic blocks and width 8')
    expect(architectureOf(new Map([['conv_stem.weight', { shape: [32] }], ['blocks.0.0.se.conv_reduce.weight', { shape: [8] }]]))).toBe('an EfficientNet of 1 blocks with squeeze and excitation')
  })

  it('knows sizes as published', () => {
    const net = new EfficientNetLite0()
    // 4,652,008 of timm with its classifier of 1,281,000
    expect([countParameters(net), net.outputSize]).toEqual([3_371_008, 1280])
    net.dispose()
  })
})
