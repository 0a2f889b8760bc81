import * as tf from '@tensorflow/tfjs-core'
import { Random, type BatchSampler, type Dataset, type Loss, type Module } from '@metric-learning/contracts'
import { Adam, SGD, type Plugin, type RunOptions, type TrainerOptions } from '@metric-learning/core'
import type { ImageDataset } from '@metric-learning/datasets'
import { TripletMarginLoss } from '@metric-learning/losses'
import { BatchHardMiner } from '@metric-learning/miners'
import { ConvNet, Embedder } from '@metric-learning/models'
import { MPerClassSampler } from '@metric-learning/samplers'
import { GlobalEmbeddingSpaceTester } from '@metric-learning/testers'

/** A run that is broken on purpose. */
export interface Way {
  /** What it is called on the command line. */
  readonly name: string
  /** What is wrong with it. */
  readonly what: string
  /** Default 2. */
  readonly epochs?: number
  readonly options: (drawings: ImageDataset) => Partial<RunOptions> & { readonly trunk?: Module; readonly embedder?: Module; readonly plugins?: readonly Plugin[] }
}

const EMBEDDING = 16
const BATCH = 32

/** What each run is, but for what is wrong with it: a small network on drawings of 20 classes. */
export function healthyOptions(drawings: Dataset): TrainerOptions {
  const trunk = new ConvNet({ inputChannels: 1, width: 4, seed: 0 })
  return {
    trunk,
    embedder: new Embedder({ inputSize: trunk.outputSize, embeddingSize: EMBEDDING, seed: 1 }),
    dataset: drawings,
    sampler: new MPerClassSampler({ labels: drawings.labels, m: 4, batchSize: BATCH, lengthBeforeNewIter: 12 * BATCH }),
    objectives: [{ name: 'triplet', loss: new TripletMarginLoss({ margin: 0.1 }) }],
    logEverySteps: 2,
  }
}

export const WAYS: readonly Way[] = [
  {
    name: 'nan-in-a-picture',
    what: 'a picture holds NaN, where pixels were divided by their mean, which is 0',
    options: (drawings) => ({ dataset: dividedByMean(drawings) }),
  },
  {
    name: 'rate-too-high',
    what: 'the learning rate is 1e30',
    options: () => ({ optimizers: { trunk: new SGD({ learningRate: 1e30 }), embedder: new SGD({ learningRate: 1e30 }) } }),
  },
  {
    name: 'layer-overflows',
    what: 'a layer of one’s own takes an exponential without a bound',
    options: () => {
      const trunk = new ConvNet({ inputChannels: 1, width: 4, seed: 0 })
      return { trunk: { ...partsOf(trunk), call: (x, mode) => tf.exp(tf.mul(trunk.call(x, mode), 400)) } }
    },
  },
  {
    name: 'log-of-zero',
    what: 'a loss of one’s own takes the logarithm of distances, and a batch has a sample twice',
    options: (drawings) => ({ sampler: withTwins(drawings), objectives: [{ name: 'triplet', loss: new TripletMarginLoss({ margin: 0.1 }) }, { name: 'log', loss: lossOf('log', (squared) => tf.neg(tf.log(squared))) }] }),
  },
  {
    name: 'root-of-zero',
    what: 'a loss of one’s own takes the root of squared distances, and a batch has a sample twice',
    options: (drawings) => ({ sampler: withTwins(drawings), objectives: [{ name: 'root', loss: lossOf('root', (squared) => tf.sqrt(squared)) }] }),
  },
  {
    name: 'collapse',
    what: 'the hardest negatives from the first step on, at a learning rate of 0.3',
    epochs: 6,
    options: () => ({ objectives: [{ name: 'triplet', loss: new TripletMarginLoss({ margin: 0.1 }), miner: new BatchHardMiner() }], optimizers: { trunk: new Adam({ learningRate: 0.3 }), embedder: new Adam({ learningRate: 0.3 }) } }),
  },
  {
    name: 'empty-selection',
    what: 'batches have one sample of each class, so that there is no positive',
    options: ({ labels }) => ({ sampler: new MPerClassSampler({ labels, m: 1, batchSize: 16, lengthBeforeNewIter: 12 * 16, allowUnpaired: true }) }),
  },
  {
    name: 'classes-never-sampled',
    what: 'a sampler of one’s own draws from the first 15 of 20 classes',
    epochs: 5,
    options: ({ labels }) => ({ sampler: fromFirst(15, labels) }),
  },
  {
    name: 'rate-of-zero',
    what: 'the trunk has a learning rate of 0',
    options: () => ({ optimizers: { trunk: new Adam({ learningRate: 0 }) } }),
  },
  {
    name: 'data-wait',
    what: 'a batch takes 150 ms to load, and is loaded when it is needed',
    options: (drawings) => ({ dataset: slow(drawings, 150), prefetch: 0 }),
  },
  {
    name: 'judged-on-training',
    what: 'what is judged as `val` is what is trained on',
    options: (drawings) => ({ plugins: [new GlobalEmbeddingSpaceTester({ splits: { val: drawings } })] }),
  },
  {
    name: 'judged-on-one-class',
    what: 'what is judged has one class',
    options: (drawings) => ({ plugins: [new GlobalEmbeddingSpaceTester({ splits: { val: firstClass(drawings) } })] }),
  },
]

/** A module as a plain object, to give it another `call`. */
const partsOf = (module: Module): Omit<Module, 'call'> => ({
  name: module.name,
  parameters: module.parameters,
  buffers: module.buffers,
  outputSize: module.outputSize,
  dispose: () => {
    module.dispose()
  },
})

/** Pixels over the mean of their picture, of which one is blank. */
function dividedByMean(drawings: Dataset): Dataset {
  const BLANK = 137
  const { name, labels, classNames, sampleShape } = drawings
  return {
    name,
    labels,
    classNames,
    sampleShape,
    load: async (rows, at) => {
      const { values, shape } = await drawings.load(rows, at)
      const size = values.length / rows.length
      const pixels = Float32Array.from(values, (value, i) => (rows[Math.floor(i / size)] === BLANK ? 0 : value))
      const means = Array.from(rows.keys(), (i) => pixels.subarray(i * size, (i + 1) * size).reduce((sum, value) => sum + value, 0) / size)
      return { values: pixels.map((value, i) => value / (4 * means[Math.floor(i / size)]!)), shape }
    },
  }
}

/** Its samples of label 0, which come first. */
function firstClass(drawings: Dataset): Dataset {
  const labels = drawings.labels.filter((label) => label === 0)
  return { name: 'one class', labels, classNames: drawings.classNames.slice(0, 1), sampleShape: drawings.sampleShape, normalization: drawings.normalization!, load: (rows, at) => drawings.load(rows, at) }
}

function slow(drawings: Dataset, milliseconds: number): Dataset {
  return {
    ...drawings,
    load: async (rows, at) => {
      await new Promise((resolve) => setTimeout(resolve, milliseconds))
      return drawings.load(rows, at)
    },
  }
}

/** Random rows of the first so many classes. */
const fromFirst = (classes: number, labels: Int32Array): BatchSampler => ({
  name: 'fromFirst',
  batchSize: BATCH,
  batchesPerEpoch: 12,
  batch: ({ seed, epoch, batch }) => {
    const random = Random.at(seed, 'fromFirst', epoch, batch)
    return random.shuffle(Int32Array.from(labels.keys()).filter((row) => labels[row]! < classes)).slice(0, BATCH)
  },
})

/** Two of each of many classes, and in the second batch of an epoch one of them is the same sample. */
const withTwins = ({ labels }: Dataset): BatchSampler => ({
  name: 'withTwins',
  batchSize: BATCH,
  batchesPerEpoch: 12,
  batch: ({ seed, epoch, batch }) => {
    const rows = Random.at(seed, 'withTwins', epoch, batch).shuffle(Int32Array.from(labels.keys())).slice(0, BATCH)
    if (batch === 1) rows[9] = rows[8]!
    return rows
  },
})

/** Mean over neighbours in the batch, the first and the second, the third and the fourth, of what is made of their squared distance. */
function lossOf(name: string, of: (squared: tf.Tensor) => tf.Tensor): Loss {
  return {
    name,
    parameters: new Map(),
    compute: (embeddings) => {
      const pairs = tf.reshape(embeddings, [-1, 2, embeddings.shape[1]])
      const [one, other] = tf.unstack(pairs, 1) as [tf.Tensor, tf.Tensor]
      return tf.mean(of(tf.sum(tf.squaredDifference(one, other), 1)))
    },
  }
}
