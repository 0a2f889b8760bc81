import * as tf from '@tensorflow/tfjs-core'
import type { Dataset, Miner } from '@metric-learning/contracts'
import { SGD, Trainer, type Plugin, type RunOptions } from '@metric-learning/core'
import { Scheduled, tensorOf } from '@metric-learning/ops'
import { scalingModule } from '../../../tools/test-support/scaling-module.js'

/** Steps in an epoch of a toy run. */
export const STEPS = 4

const dataset: Dataset = {
  name: 'points',
  labels: Int32Array.of(0, 1, 0, 1),
  classNames: ['a', 'b'],
  sampleShape: [2],
  load: (rows) => Promise.resolve({ values: Float32Array.from([...rows].flatMap((row) => [1 + row / 10, 1])), shape: [rows.length, 2] }),
}

/** Selects nothing, and says so. */
export const idleMiner: Miner = {
  name: 'idle',
  statistics: ['numPosPairs'],
  mine(embeddings, _, { record } = {}) {
    record?.({ numPosPairs: tf.scalar(0) })
    const none = tf.zeros<tf.Rank.R2>([embeddings.shape[0], embeddings.shape[0]])
    return { kind: 'pairs', positive: none, negative: none }
  },
}

/**
 * The least that logs everything: two modules, a loss with a parameter, a scheduled number and a miner, {@link STEPS} steps an epoch. Runs
 * that are made alike log alike, times and memory apart.
 */
export function toyTrainer(plugins: readonly Plugin[], options: Partial<RunOptions> = {}): Trainer {
  const share = new Scheduled(0.5)
  const centre = tf.variable(tf.scalar(0))
  const loss = {
    name: 'centre',
    share,
    parameters: new Map([['centre', centre]]),
    compute: (embeddings: tf.Tensor2D) => tf.mul(tf.mean(tf.square(tf.sub(embeddings, centre))), tensorOf(share)) as tf.Scalar,
  }
  return new Trainer({
    trunk: scalingModule('trunk'),
    embedder: scalingModule('embedder'),
    dataset,
    sampler: { name: 'pairs', batchSize: 2, batchesPerEpoch: STEPS, batch: ({ batch }) => Int32Array.of(batch % 4, (batch + 1) % 4) },
    objectives: [{ loss, miner: idleMiner }],
    optimizers: { trunk: new SGD({ learningRate: 0.01 }), embedder: new SGD({ learningRate: 0.01 }) },
    compile: false,
    logEverySteps: 2,
    plugins,
    ...options,
  })
}

/** A tester that finds what the trunk weighs. */
export function toyTester(name: string, warnings: readonly string[] = []): Plugin {
  return {
    name,
    apply({ hooks }) {
      hooks.evaluate.tapPromise({ name }, async ({ trainer }) => {
        const weight = (await trainer.parameters.get('trunk.weight')!.data())[0]!
        const split = { name: 'val', dataset, embeddings: new Float32Array(8), labels: dataset.labels, dim: 2 }
        return { tester: name, metrics: { val: { precisionAt1: weight } }, splits: [split], isBest: true, warnings, seconds: 1 }
      })
    },
  }
}

/** A plugin of one tap. */
export const tapping = (name: string, apply: Plugin['apply']): Plugin => ({ name, apply })
