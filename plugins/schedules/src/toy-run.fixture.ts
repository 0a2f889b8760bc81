import * as tf from '@tensorflow/tfjs-core'
import type { Dataset, Loss, Module, Optimizer } from '@metric-learning/contracts'
import { SGD, Trainer, type EvalEndContext, type Plugin, type TrainerOptions } from '@metric-learning/core'
import { tensorOf, type Schedulable } from '@metric-learning/ops'
import type { State, Stateful } from './missing-in-core.js'

/** Steps in an epoch of a toy run. */
export const STEPS = 3

/** A trainer that knows its optimizers by name. */
class ToyTrainer extends Trainer {
  get optimizers(): ReadonlyMap<string, Optimizer> {
    const { trunkOptimizer, embedderOptimizer, objectives } = this.options
    const named = [['trunk', trunkOptimizer!], ['embedder', embedderOptimizer!]] as const
    return new Map([...named, ...objectives.flatMap(({ loss, optimizer }) => (optimizer ? [[`losses.${loss.name}`, optimizer] as const] : []))])
  }
}

/** x → x · weight. */
function scaling(name: string): Module {
  const weight = tf.variable(tf.scalar(1))
  return {
    name,
    parameters: new Map([['weight', weight]]),
    buffers: new Map(),
    outputSize: 2,
    call: (x) => tf.mul(x, weight),
    dispose: () => {
      weight.dispose()
    },
  }
}

const dataset: Dataset = {
  name: 'points',
  labels: Int32Array.of(0, 1, 0, 1),
  classNames: ['a', 'b'],
  sampleShape: [2],
  load: (rows) => Promise.resolve({ values: new Float32Array(2 * rows.length).fill(0.1), shape: [rows.length, 2] }),
}

/** A share of the mean squared distance to a learnable centre, by default so small that rates above 1 do no harm. */
export function centreLoss(share: Schedulable = 1e-3): Loss {
  const centre = tf.variable(tf.zeros([2]))
  return {
    name: 'centre',
    parameters: new Map([['centre', centre]]),
    compute: (embeddings) => tf.mul(tf.mean(tf.square(tf.sub(embeddings, centre))), tensorOf(share)),
  }
}

/** The least that trains: rates of 1, 2 and 4 for trunk, embedder and loss, and {@link STEPS} steps an epoch. */
export const toyTrainer = (...plugins: Plugin[]): ToyTrainer => toyTrainerOf({ plugins })

/** The same with other options. */
export function toyTrainerOf(options: Partial<TrainerOptions>): ToyTrainer {
  return new ToyTrainer({
    trunk: scaling('trunk'),
    embedder: scaling('embedder'),
    dataset,
    sampler: {
      name: 'all',
      batchSize: 4,
      batchesPerEpoch: STEPS,
      *batches() {
        for (let i = 0; i < STEPS; i++) yield Int32Array.of(0, 1, 2, 3)
      },
    },
    objectives: [{ loss: centreLoss(), optimizer: new SGD({ learningRate: 4 }) }],
    trunkOptimizer: new SGD({ learningRate: 1 }),
    embedderOptimizer: new SGD({ learningRate: 2 }),
    compile: false,
    ...options,
  })
}

/** Notes a value in every step, when its rates have been set. */
export function noting<T>(read: (trainer: ToyTrainer) => T): Plugin & { readonly notes: readonly T[] } {
  const notes: T[] = []
  return {
    name: 'noting',
    notes,
    apply({ hooks }) {
      hooks.batchStart.tap({ name: 'noting' }, ({ trainer }) => {
        notes.push(read(trainer as ToyTrainer))
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

/** Publishes a metric at the end of every epoch, as testers do. */
export function evaluating(split: string, metric: string, values: readonly number[]): Plugin {
  const left = [...values]
  return {
    name: `evaluating ${split}`,
    apply({ hooks }) {
      hooks.epochEnd.tapPromise({ name: 'evaluating' }, async ({ trainer }) => {
        const context = { tester: 'toy', metrics: { [split]: { [metric]: left.shift() ?? 0 } }, splits: [], isBest: false, seconds: 0 }
        await trainer.publishEvaluation(context satisfies Partial<EvalEndContext>)
      })
    },
  }
}

/** What would come out of a file. */
export const saved = (plugin: Stateful): State => JSON.parse(JSON.stringify(plugin.state())) as State
