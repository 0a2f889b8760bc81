import * as tf from '@tensorflow/tfjs-core'
import { Random, type BatchSampler, type Dataset, type Loss, type Module } from '@metric-learning/contracts'
import { SGD, Trainer, type Plugin, type PluginOptions, type RunOptions } from '@metric-learning/core'

export const CLASSES = 4
const SIDE = 4
const SAMPLES = 32

/** Small grey pictures, a bright row for each class. */
export function stripes(name = 'stripes'): Dataset {
  const random = new Random(5)
  const labels = Int32Array.from({ length: SAMPLES }, (_, row) => row % CLASSES)
  const pixels = Float32Array.from({ length: SAMPLES * SIDE * SIDE }, (_, i) => {
    const [row, y] = [Math.floor(i / (SIDE * SIDE)), Math.floor((i % (SIDE * SIDE)) / SIDE)]
    return (labels[row] === y ? 0.7 : 0.1) + 0.1 * random.uniform()
  })
  const size = SIDE * SIDE
  return {
    name,
    labels,
    classNames: ['top', 'upper', 'lower', 'bottom'],
    sampleShape: [SIDE, SIDE, 1],
    load: (rows) =>
      Promise.resolve({ values: Float32Array.from([...rows].flatMap((row) => [...pixels.subarray(row * size, (row + 1) * size)])), shape: [rows.length, SIDE, SIDE, 1] }),
  }
}

/** x → f(x · weight), of pictures or vectors. */
export function layer(name: string, inputs: number, outputs: number, shape: (x: tf.Tensor2D) => tf.Tensor = (x) => x): Module {
  const random = new Random(inputs)
  const weight = tf.variable(tf.tensor2d(Float32Array.from({ length: inputs * outputs }, () => 0.3 * random.normal()), [inputs, outputs]))
  return {
    name,
    parameters: new Map([['weight', weight]]),
    buffers: new Map(),
    outputSize: outputs,
    call: (x) => shape(tf.matMul(tf.reshape(x, [-1, inputs]), weight as tf.Tensor2D)),
    dispose: () => {
      weight.dispose()
    },
  }
}

/** A loss of embeddings alone. */
export const lossOf = (name: string, compute: (embeddings: tf.Tensor2D) => tf.Scalar, more: object = {}): Loss => ({ name, parameters: new Map(), compute, ...more })

/** Mean of (‖e‖² - 1)²: never fails. */
export const unitLoss = (): Loss => lossOf('unit', (embeddings) => tf.mean(tf.square(tf.sub(tf.sum(tf.square(embeddings), 1), 1))))

/** Rows one after the other. */
export const inOrder = (batchSize = 8, batchesPerEpoch = SAMPLES / batchSize): BatchSampler => ({
  name: 'inOrder',
  batchSize,
  batchesPerEpoch,
  batch: ({ batch }) => Int32Array.from({ length: batchSize }, (_, i) => (batch * batchSize + i) % SAMPLES),
})

export interface BrokenRun extends Partial<RunOptions & PluginOptions> {
  readonly trunk?: Module
  readonly embedder?: Module
  readonly learningRate?: number
}

/** The least that trains, of two layers, in which a test breaks something. */
export function smallTrainer({ trunk = layer('trunk', SIDE * SIDE, 5), embedder = layer('embedder', 5, 3), learningRate = 0.05, ...options }: BrokenRun = {}): Trainer {
  return new Trainer({
    dataset: stripes(),
    sampler: inOrder(),
    objectives: [{ loss: unitLoss() }],
    optimizers: { trunk: new SGD({ learningRate }), embedder: new SGD({ learningRate }) },
    logEverySteps: 2,
    ...options,
    trunk,
    embedder,
  })
}

/** A plugin of one tap. */
export const tapping = (name: string, apply: Plugin['apply']): Plugin => ({ name, apply })
