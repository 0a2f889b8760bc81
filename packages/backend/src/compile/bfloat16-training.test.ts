import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { Random, type Dataset, type Loss, type Module } from '@metric-learning/contracts'
import { Adam, Trainer, type RunOptions } from '@metric-learning/core'
import { asRelations } from '@metric-learning/ops'
import { describe, expect, it, onTestFinished } from 'vitest'
import { loadedNativeBackend } from '../native/loaded-native-backend.js'
import { decodeSavedModel, type NodeMessage } from './graph-messages.js'

const SIDE = 6
const CLASSES = 3

const draws = (random: Random, count: number, scale = 1) => Float32Array.from({ length: count }, () => scale * random.normal())

/** Noisy copies of one picture a class. */
function pictures(perClass: number): Dataset {
  const random = new Random(5)
  const size = SIDE * SIDE
  const means = Array.from({ length: CLASSES }, () => draws(random, size))
  const labels = Int32Array.from({ length: CLASSES * perClass }, (_, row) => row % CLASSES)
  const values = Array.from(labels, (label) => draws(random, size, 0.5).map((noise, i) => noise + means[label]![i]!))
  return {
    name: 'pictures',
    labels,
    classNames: ['a', 'b', 'c'],
    sampleShape: [SIDE, SIDE, 1],
    load: (rows) =>
      Promise.resolve({ values: Float32Array.from([...rows].flatMap((row) => [...values[row]!])), shape: [rows.length, SIDE, SIDE, 1] }),
  }
}

function moduleOf(name: string, shape: number[], outputSize: number, call: (x: tf.Tensor, weight: tf.Tensor) => tf.Tensor): Module {
  const weight = tf.variable(tf.tensor(draws(new Random(6), tf.util.sizeFromShape(shape), 0.3), shape))
  onTestFinished(() => {
    weight.dispose()
  })
  return {
    name,
    parameters: new Map([['weight', weight]]),
    buffers: new Map(),
    outputSize,
    call: (x) => call(x, weight),
    dispose: () => undefined,
  }
}

/** Softmax cross entropy of embeddings as logits. */
const crossEntropy: Loss = {
  name: 'cross entropy',
  parameters: new Map(),
  compute: (x, labels) => {
    const targets = tf.oneHot(asRelations(labels).queryLabelTensor, CLASSES)
    return tf.neg(tf.mean<tf.Scalar>(tf.sum(tf.mul(tf.cast(targets, 'float32'), tf.logSoftmax(x)), 1)))
  },
}

/** Trains 60 steps and gives their losses, the graphs that ran, and the trainer. */
async function trained(options: Partial<RunOptions>) {
  const backend = loadedNativeBackend()!
  const graphs: (readonly NodeMessage[])[] = []
  const load = backend.loadSavedModelMetaGraph.bind(backend)
  backend.loadSavedModelMetaGraph = (folder, tags) => {
    graphs.push(decodeSavedModel(readFileSync(join(folder, 'saved_model.pb'))))
    return load(folder, tags)
  }
  const dataset = pictures(8)
  const rows = Int32Array.from(dataset.labels.keys())
  const losses: number[] = []
  const trainer = new Trainer({
    trunk: moduleOf('convolution', [3, 3, 1, 8], 8, (x, weight) =>
      tf.mean(tf.relu(tf.conv2d(x as tf.Tensor4D, weight as tf.Tensor4D, 1, 'same')), [1, 2]),
    ),
    embedder: moduleOf('layer', [8, CLASSES], CLASSES, (x, weight) => tf.matMul(x as tf.Tensor2D, weight as tf.Tensor2D)),
    dataset,
    sampler: { name: 'all', batchSize: rows.length, batchesPerEpoch: 60, batch: () => rows },
    objectives: [{ loss: crossEntropy }],
    optimizers: { trunk: new Adam({ learningRate: 0.03 }), embedder: new Adam({ learningRate: 0.03 }) },
    plugins: [
      {
        name: 'losses',
        apply: ({ hooks }) => {
          hooks.batchEnd.tapPromise({ name: 'losses' }, async ({ loss }) => {
            losses.push(await loss())
          })
        },
      },
    ],
    ...options,
  })
  onTestFinished(() => {
    trainer.dispose()
    Reflect.deleteProperty(backend, 'loadSavedModelMetaGraph')
  })
  await trainer.train({ epochs: 1 })
  return { losses, graphs, trainer }
}

/** The operations of a graph that compute in bfloat16, TensorFlow's type 14. */
const inBfloat16 = (graph: readonly NodeMessage[]) => new Set(graph.filter(({ attr }) => attr['T']?.type === 14).map(({ op }) => op))

describe.runIf(tf.getBackend() === 'tensorflow')("Trainer with precision: 'bfloat16'", () => {
  it('learns in a graph of bfloat16 layers, with weights in float32', async () => {
    const { losses, graphs, trainer } = await trained({ precision: 'bfloat16' })
    expect(graphs).toHaveLength(1)
    expect(inBfloat16(graphs[0]!)).toEqual(new Set(['Conv2D', 'Conv2DBackpropFilter', 'BatchMatMulV2']))
    expect(losses.at(-1)).toBeLessThan(losses[0]! / 3)
    for (const weight of trainer.parameters.values()) {
      expect(weight.dtype).toBe('float32')
      const bits = new Uint32Array(weight.dataSync<'float32'>().slice().buffer)
      expect(bits.some((value) => (value & 0xffff) !== 0), 'digits that bfloat16 does not have').toBe(true)
    }
  })

  it('is another computation than float32, and near to it', async () => {
    const [mixed, plain] = [await trained({ precision: 'bfloat16' }), await trained({ compile: 'require' })]
    expect(inBfloat16(plain.graphs[0]!).size).toBe(0)
    expect(mixed.losses[0], 'from the first step on').not.toBe(plain.losses[0])
    expect(mixed.losses).not.toEqual(plain.losses)
    expect(mixed.losses.at(-1)).toBeLessThan(1.5 * plain.losses.at(-1)! + 0.05)
  })
})
