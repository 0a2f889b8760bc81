import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { loadModule } from '../safetensors/load-module.js'
import { decodeSafetensors } from '../safetensors/safetensors.js'
import { fromTorch } from '../safetensors/torch-layout.js'
import { ResNet } from './resnet.js'

const WIDTH = 4

/** Made by fixtures/resnet.py. */
function fixtureOf(block: string) {
  const path = fileURLToPath(new URL(`../../fixtures/resnet-${block}.safetensors`, import.meta.url))
  const { tensors, metadata } = decodeSafetensors(path, readFileSync(path))
  const saved = (name: string) => {
    const { shape, values } = tensors.get(`fixture.${name}`)!
    return tf.tensor(values, [...shape])
  }
  const weight = (name: string) => {
    const tensor = saved(name)
    return tf.transpose(tensor, fromTorch(tensor.rank))
  }
  const names = (kind: string) =>
    [...tensors.keys()].filter((name) => name.startsWith(`fixture.${kind}.`)).map((name) => name.slice(`fixture.${kind}.`.length))
  return { path, metadata, saved, weight, names, images: tf.transpose(saved('inputs'), [0, 2, 3, 1]) }
}

async function loaded(block: 'basic' | 'bottleneck') {
  const fixture = fixtureOf(block)
  const net = new ResNet({ block, blocks: [1, 1, 1], width: WIDTH })
  const { ignored } = await loadModule(net, fixture.path, { ignore: ['fc.', 'fixture.'] })
  return { ...fixture, net, ignored }
}

/** As vectors, to 1e-5 of their length. */
function expectClose(got: tf.Tensor, wanted: tf.Tensor, what: string): void {
  expect(got.shape, what).toEqual(wanted.shape)
  const [a, w] = [got.dataSync<'float32'>(), wanted.dataSync<'float32'>()]
  const length = (vector: Float32Array) => Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0))
  expect(length(a.map((value, i) => value - w[i]!)) / length(w), what).toBeLessThan(1e-5)
}

describe.each(['basic', 'bottleneck'] as const)('ResNet of %s blocks against torchvision', (block) => {
  it('loads its state dict, and tells that the classifier was passed over', async () => {
    const { ignored, metadata, path, net } = await loaded(block)
    expect(metadata.torchvision).toBe('0.28.0')
    expect(ignored.filter((name) => !name.startsWith('fixture.'))).toEqual(['fc.bias', 'fc.weight'])
    await expect(loadModule(net, path, { ignore: ['fixture.'] })).rejects.toThrow('got "fc.bias", "fc.weight"')
  })

  it('gives its output in inference', async () => {
    const { net, images, saved } = await loaded(block)
    expectClose(net.call(images, { training: false }), saved('inference'), 'inference')
  })

  it('gives its output, gradients and running statistics in training', async () => {
    const { net, images, saved, weight, names } = await loaded(block)
    let output: tf.Tensor | undefined
    const { grads } = tf.variableGrads(() => {
      output = tf.keep(net.call(images, { training: true }))
      return tf.sum<tf.Scalar>(tf.mul(output, saved('direction')))
    }, [...net.parameters.values()])
    expectClose(output!, saved('training'), 'training')
    const gradients = names('gradient')
    expect(gradients).toHaveLength(5)
    for (const name of gradients) {
      expectClose(grads[net.parameters.get(name)!.name]!, weight(`gradient.${name}`), `gradient of ${name}`)
    }
    for (const name of names('after')) expectClose(net.buffers.get(name)!, saved(`after.${name}`), name)
  })
})
