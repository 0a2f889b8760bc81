import { Random } from '@metric-learning/contracts'
import { Trainer, type Objective, type Plugin } from '@metric-learning/core'
import type { CompileMode } from '@metric-learning/ops'
import { ConvNet, Embedder } from '@metric-learning/models'
import { MPerClassSampler } from '@metric-learning/samplers'
import { GlobalEmbeddingSpaceTester } from '@metric-learning/testers'
import { pictures } from './pictures.js'

export const CLASSES = 8
export const EMBEDDING_SIZE = 6
/** Steps of an epoch. */
export const STEPS = 10

const dataset = pictures(CLASSES, 20)

export interface SmallRunOptions {
  readonly epochs: number
  readonly compile: CompileMode
  /** Judges the pictures' embeddings before training and at its end. Default false. */
  readonly evaluate?: boolean
  /** Pictures in a batch. Default 16. */
  readonly batchSize?: number
}

/** What a run left behind. */
export interface SmallRun {
  /** The loss of each step. */
  readonly losses: readonly number[]
  /** All parameters at the end, those of the loss included. */
  readonly parameters: ReadonlyMap<string, Float32Array>
  /** Metrics before training, and at the end; none without `evaluate`. */
  readonly metrics: readonly Readonly<Record<string, number | null>>[]
  /** What its miner recorded where the run was looked at last, by name. */
  readonly statistics: Readonly<Record<string, number>>
}

/** Trains a small ConvNet on batches of 4 of 8 classes, 4 pictures each; the same from run to run but for `options`. */
export async function smallRun(objective: Objective, { epochs, compile, evaluate = false, batchSize = 16 }: SmallRunOptions): Promise<SmallRun> {
  const random = new Random(3)
  const trunk = new ConvNet({ width: 4, blocks: 2, random })
  const embedder = new Embedder({ inputSize: trunk.outputSize, embeddingSize: EMBEDDING_SIZE, random })
  const losses: number[] = []
  const metrics: Readonly<Record<string, number | null>>[] = []
  const statistics: Record<string, number> = {}
  const recorder: Plugin = {
    name: 'recorder',
    apply({ hooks }) {
      hooks.batchEnd.tapPromise({ name: 'recorder' }, async ({ loss }) => {
        losses.push(await loss())
      })
      hooks.log.tap({ name: 'recorder' }, (entry) => {
        const name = /^train\/miner\/[^/]+\/(.*)$/.exec(entry.tag)?.[1]
        if (name !== undefined && entry.kind === 'scalar') statistics[name] = entry.value
      })
      hooks.evalEnd.tap({ name: 'recorder' }, ({ metrics: found }) => {
        metrics.push(found['pictures']!)
      })
    },
  }
  const trainer = new Trainer({
    trunk,
    embedder,
    dataset,
    sampler: new MPerClassSampler({ labels: dataset.labels, m: 4, batchSize }),
    objectives: [objective],
    compile,
    plugins: [recorder, evaluate && new GlobalEmbeddingSpaceTester({ splits: { pictures: dataset }, everyEpochs: epochs })],
  })
  try {
    await trainer.train({ epochs })
    const parameters = new Map([...trainer.parameters].map(([name, variable]) => [name, variable.dataSync<'float32'>().slice()]))
    return { losses, parameters, metrics, statistics }
  } finally {
    trainer.dispose()
    trunk.dispose()
    embedder.dispose()
  }
}
