import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import type { Module } from '@metric-learning/contracts'
import { normalizeSamples } from '@metric-learning/ops'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadedNativeBackend } from '../native/loaded-native-backend.js'
import { exportSavedModel } from './export-saved-model.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'export-saved-model-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

const random = (shape: number[], seed: number) => tf.randomNormal(shape, 0, 1, 'float32', seed)
const none = { parameters: new Map(), buffers: new Map(), dispose: () => undefined }
const moduleOf = (outputSize: number, call: Module['call']): Module => ({ name: 'Part', ...none, outputSize, call })

/** Convolution, batch norm, relu, max pool, flattened. */
function trunk(channels: number): Module {
  const weights = tf.variable(random([3, 3, channels, 4], 1)) as tf.Variable<tf.Rank.R4>
  const [mean, offset, scale] = [2, 3, 4].map((seed) => tf.variable(random([4], seed)) as tf.Variable<tf.Rank.R1>)
  const variance = tf.variable(tf.tensor1d([0.1, 1, 2, 3]))
  return moduleOf(36, (x, { training }) => {
    expect(training).toBe(false)
    const y = tf.batchNorm<tf.Rank.R4>(tf.conv2d(x as tf.Tensor4D, weights, 1, 'same'), mean!, variance, offset, scale)
    return tf.reshape(tf.maxPool(tf.relu(y), 2, 2, 'valid'), [x.shape[0]!, 36])
  })
}
function embedder(): Module {
  const weights = tf.variable(random([36, 5], 6)) as tf.Variable<tf.Rank.R2>
  return moduleOf(5, (x) => tf.matMul(x as tf.Tensor2D, weights))
}

/** What the model in the folder gives, by tfjs-node's own loader. */
function load(samples: tf.Tensor): tf.Tensor {
  const backend = loadedNativeBackend()!
  const id = backend.loadSavedModelMetaGraph(folder, 'serve')
  const info = { name: 'input0:0', shape: samples.shape, dtype: samples.dtype, tfDtype: samples.dtype }
  const [embeddings] = backend.runSavedModel(id, [samples], [info], ['embeddings:0'])
  backend.deleteSavedModel(id)
  return embeddings!
}

function expectClose(got: tf.Tensor, wanted: tf.Tensor) {
  expect(got.shape).toEqual(wanted.shape)
  const largest = (x: tf.Tensor) => tf.max(tf.abs(x)).dataSync()[0]!
  expect(largest(tf.sub(got, wanted)) / largest(wanted)).toBeLessThan(1e-5)
}

describe.runIf(tf.getBackend() === 'tensorflow')('exportSavedModel', () => {
  it('writes one file that embeds batches of any size as the modules do', async () => {
    const parts = [trunk(2), embedder()]
    const model = await exportSavedModel(parts, folder, { sampleShape: [6, 6, 2] })
    expect(model.input).toEqual({ name: 'samples', shape: [-1, 6, 6, 2], dtype: 'float32' })
    expect(model.output).toEqual({ name: 'embeddings', shape: [-1, 5], dtype: 'float32' })
    expect(readdirSync(folder)).toEqual(['saved_model.pb'])
    for (const size of [1, 4]) {
      const x = random([size, 6, 6, 2], size)
      expectClose(load(x), parts.reduce<tf.Tensor>((y, part) => part.call(y, { training: false }), x))
    }
  })

  it('takes pixels where a normalization is given', async () => {
    const part = trunk(2)
    const normalization = { mean: [0.5, 0.4], std: [0.2, 0.3] }
    const { input } = await exportSavedModel(part, folder, { sampleShape: [6, 6, 2], normalization })
    expect(input.dtype).toBe('int32')
    const pixels = tf.cast(tf.randomUniform([3, 6, 6, 2], 0, 256, 'float32', 1), 'int32')
    expectClose(load(pixels), part.call(normalizeSamples(pixels, normalization), { training: false }))
  })

  it('keeps weights as they were, replaces an earlier export, and leaks no tensor', async () => {
    const w = tf.variable(tf.tensor2d([[1], [2]]))
    const part = moduleOf(1, (x) => tf.matMul(x as tf.Tensor2D, w))
    const x = tf.tensor2d([[1, 1]])
    await exportSavedModel(part, folder, { sampleShape: [2] })
    const before = tf.memory().numTensors
    await exportSavedModel(part, folder, { sampleShape: [2] })
    expect(tf.memory().numTensors).toBe(before)
    w.assign(tf.tensor2d([[5], [6]]))
    expect(load(x).dataSync()[0]).toBe(3)
    await exportSavedModel(part, folder, { sampleShape: [2] })
    expect(load(x).dataSync()[0]).toBe(11)
  })

  it('needs a fixed batch size where the modules hold one fast', async () => {
    const part = moduleOf(2, (x) => tf.div(x, tf.scalar(x.shape[0]!)))
    await expect(exportSavedModel(part, folder, { sampleShape: [2] })).rejects.toThrow(
      'exportSavedModel: wanted operations that take batches of any size, got RealDiv of a constant that holds the batch size. ' +
        'Pass `batchSize` for a model that takes batches of that size only.',
    )
    const { input } = await exportSavedModel(part, folder, { sampleShape: [2], batchSize: 4 })
    expect(input.shape).toEqual([4, 2])
    expectClose(load(tf.ones([4, 2])), tf.fill([4, 2], 0.25))
  })

  it('says what is wrong', async () => {
    const part = moduleOf(2, (x) => x)
    const attempt = (options: object, modules: Module | Module[] = part) =>
      exportSavedModel(modules, folder, { sampleShape: [2], ...options })
    await expect(attempt({ sampleShape: [0] })).rejects.toThrow('wanted `sampleShape` to be an integer of at least 1, got 0')
    await expect(attempt({ shape: [2] })).rejects.toThrow('got `shape`')
    await expect(attempt({}, [])).rejects.toThrow('wanted a module at least, got none')
    await expect(attempt({}, moduleOf(2, (x) => tf.mul(x, tf.exp(x).dataSync()[0]!)))).rejects.toThrow(
      'got one that reads the result of Exp on the host',
    )
    const count = tf.variable(tf.scalar(0))
    const counting = moduleOf(2, (x) => {
      count.assign(tf.add(count, 1))
      return x
    })
    await expect(attempt({}, counting)).rejects.toThrow('got one that makes or assigns variables')
    writeFileSync(join(folder, 'notes.txt'), '')
    await expect(attempt({})).rejects.toThrow('which holds notes.txt')
    const below = join(folder, 'notes.txt', 'model')
    await expect(exportSavedModel(part, below, { sampleShape: [2] })).rejects.toThrow(`exportSavedModel: wanted to write ${join(below, 'saved_model.pb')}, got E`)
  })
})
