import * as tf from '@tensorflow/tfjs-core'
import { Random, type BatchSampler, type Dataset, type Loss, type Module } from '@metric-learning/contracts'
import { asRelations } from '@metric-learning/ops'
import type { LogEntry } from '../hooks/log-entry.js'
import type { DefaultSchemeOptions, RunOptions } from '../plan/run-options.js'
import type { Plugin, PluginOptions } from '../plugin.js'
import type { Trainer } from './trainer.js'

const CLASSES = 4
const DIM = 6

/** Points around one random centre a class. */
export function clusters(perClass = 8): Dataset {
  const random = new Random(11)
  const centres = Array.from({ length: CLASSES }, () => Array.from({ length: DIM }, () => random.normal()))
  const labels = Int32Array.from({ length: CLASSES * perClass }, (_, row) => row % CLASSES)
  const values = Float32Array.from({ length: labels.length * DIM }, (_, i) => {
    const centre = centres[labels[Math.floor(i / DIM)]!]!
    return centre[i % DIM]! + 0.5 * random.normal()
  })
  return {
    name: 'clusters',
    labels,
    classNames: ['a', 'b', 'c', 'd'],
    sampleShape: [DIM],
    load: (rows) =>
      Promise.resolve({
        values: Float32Array.from(rows.length ? [...rows].flatMap((row) => [...values.subarray(row * DIM, (row + 1) * DIM)]) : []),
        shape: [rows.length, DIM],
      }),
  }
}

/** x → x · weight. */
export function linear(name: string, inputs: number, outputs: number, seed: number): Module {
  const random = new Random(seed)
  const weight = tf.variable(tf.tensor2d(Float32Array.from({ length: inputs * outputs }, () => random.normal()), [inputs, outputs]))
  return {
    name,
    parameters: new Map([['weight', weight]]),
    buffers: new Map(),
    outputSize: outputs,
    call: (x) => tf.matMul(x as tf.Tensor2D, weight as tf.Tensor2D),
    dispose: () => {
      weight.dispose()
    },
  }
}

/** Mean squared distance of each sample to the learnable centre of its class. */
export function centreLoss(name = 'centre'): Loss {
  const centres = tf.variable(tf.zeros([CLASSES, 3]))
  return {
    name,
    parameters: new Map([['centres', centres]]),
    compute: (embeddings, labels) => {
      const own = tf.gather(centres, asRelations(labels).queryLabelTensor)
      return tf.mean(tf.square(tf.sub(embeddings, own)))
    },
  }
}

/** Every row once an epoch, in a random order. */
export function everyRow(dataset: Dataset, batchSize = 8): BatchSampler {
  return {
    name: 'everyRow',
    batchSize,
    batchesPerEpoch: Math.floor(dataset.labels.length / batchSize),
    batch({ seed, epoch, batch }) {
      const rows = Random.at(seed, 'everyRow', epoch).shuffle(Int32Array.from(dataset.labels.keys()))
      return rows.slice(batch * batchSize, (batch + 1) * batchSize)
    },
  }
}

/** A trainer's options for the least that trains: a linear trunk and embedder on {@link clusters}. */
export function toyOptions(extra: Partial<RunOptions & DefaultSchemeOptions & PluginOptions> = {}): RunOptions & DefaultSchemeOptions & PluginOptions {
  const dataset = clusters()
  return {
    trunk: linear('trunk', DIM, 5, 1),
    embedder: linear('embedder', 5, 3, 2),
    dataset,
    sampler: everyRow(dataset),
    objectives: [{ loss: centreLoss() }],
    ...extra,
  }
}

/** A plugin that keeps all that is logged. */
export function logKeeper(): { readonly plugin: Plugin; readonly entries: LogEntry[] } {
  const entries: LogEntry[] = []
  const plugin: Plugin = { name: 'logger', apply: ({ hooks }) => hooks.log.tap({ name: 'logger' }, (entry) => void entries.push(entry)) }
  return { plugin, entries }
}

/** A plugin that reads the loss of each step. */
export function lossKeeper(): { readonly plugin: Plugin; readonly losses: number[] } {
  const losses: number[] = []
  const plugin: Plugin = { name: 'watch', apply: ({ hooks }) => hooks.batchEnd.tapPromise({ name: 'watch' }, async ({ loss }) => void losses.push(await loss())) }
  return { plugin, losses }
}

/** The parameters' values, each behind its name. */
export const valuesOf = (trainer: Trainer) => [...trainer.parameters].map(([name, variable]) => [name, ...variable.dataSync()])
