import * as tf from '@tensorflow/tfjs-core'
import type { Dataset, Loss, State, Stateful } from '@metric-learning/contracts'
import { SGD, Trainer, type Plugin, type PluginOptions, type RunOptions, type RunningTrainer } from '@metric-learning/core'
import { tensorOf, type Schedulable } from '@metric-learning/ops'
import { scalingModule } from '../../../tools/test-support/scaling-module.js'

/** Steps in an epoch of a toy run. */
export const STEPS = 3

const dataset: Dataset = {
  name: 'points',
  labels: Int32Array.of(0, 1, 0, 1),
  classNames: ['a', 'b'],
  sampleShape: [2],
  load: (rows) => Promise.resolve({ values: new Float32Array(2 * rows.length).fill(0.1), shape: [rows.length, 2] }),
}

/** A share of the mean squared distance to a learnable centre, by default so small that rates above 1 do no harm. */
export function centreLoss(share: Schedulable = 1e-3): Loss & { readonly share: Schedulable } {
  const centre = tf.variable(tf.zeros([2]))
  return {
    name: 'centre',
    share,
    parameters: new Map([['centre', centre]]),
    compute: (embeddings) => tf.mul(tf.mean(tf.square(tf.sub(embeddings, centre))), tensorOf(share)),
  }
}

/** The least that trains: rates of 1, 2 and 4 for trunk, embedder and loss, and {@link STEPS} steps an epoch. */
export const toyTrainer = (...plugins: Plugin[]): Trainer => toyTrainerOf({ plugins })

/** The same with a plugin that uses a number. */
export const toyTrainerUsing = (number: Schedulable, ...plugins: Plugin[]): Trainer => toyTrainer({ name: 'user', number, apply: () => undefined } as Plugin, ...plugins)

/** The same with other options. */
export function toyTrainerOf(options: Partial<RunOptions & PluginOptions>): Trainer {
  return new Trainer({
    trunk: scalingModule('trunk'),
    embedder: scalingModule('embedder'),
    dataset,
    sampler: {
      name: 'all',
      batchSize: 4,
      batchesPerEpoch: STEPS,
      batch: () => Int32Array.of(0, 1, 2, 3),
    },
    objectives: [{ loss: centreLoss(), optimizer: new SGD({ learningRate: 4 }) }],
    optimizers: { trunk: new SGD({ learningRate: 1 }), embedder: new SGD({ learningRate: 2 }) },
    compile: false,
    ...options,
  })
}

/** Notes a value in every step, when its rates have been set. */
export function noting<T>(read: (trainer: RunningTrainer) => T): Plugin & { readonly notes: readonly T[] } {
  const notes: T[] = []
  return {
    name: 'noting',
    notes,
    apply({ hooks }) {
      hooks.batchStart.tap({ name: 'noting' }, ({ trainer }) => {
        notes.push(read(trainer))
        return undefined
      })
    },
  }
}

/** Logs numbers of a tag, one after the other: after every step, or where an evaluation would be, at the end of every epoch. */
export function logging(tag: string, values: readonly number[], after: 'step' | 'epoch' = 'epoch'): Plugin {
  const left = [...values]
  return {
    name: `logging ${tag}`,
    apply({ hooks }) {
      hooks[after === 'step' ? 'batchEnd' : 'epochEnd'].tap({ name: 'logging' }, ({ trainer, step }) => {
        const value = left.shift()
        if (value !== undefined) trainer.log({ kind: 'scalar', tag, step, value })
        return undefined
      })
    },
  }
}

/** Judges a metric at the end of every epoch, as testers do. */
export function evaluating(split: string, metric: string, values: readonly (number | null)[]): Plugin {
  const left = [...values]
  return {
    name: `evaluating ${split}`,
    apply({ hooks }) {
      hooks.evaluate.tap({ name: 'evaluating' }, ({ epoch }) =>
        epoch === 0 ? undefined : { tester: 'toy', metrics: { [split]: { [metric]: left.length > 0 ? left.shift()! : 0 } }, seconds: 0 },
      )
    },
  }
}

/** What would come out of a file. */
export const saved = (plugin: Stateful): State => JSON.parse(JSON.stringify(plugin.state())) as State
