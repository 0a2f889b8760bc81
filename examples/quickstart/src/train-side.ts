import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { bestCheckpoint, checkpoints, exportModel } from '@metric-learning/checkpoints'
import { Random } from '@metric-learning/contracts'
import { Adam, Trainer } from '@metric-learning/core'
import { samplePng, spritePng } from '@metric-learning/datasets'
import { health } from '@metric-learning/health'
import { Embedder } from '@metric-learning/models'
import { jsonLines, progressLine } from '@metric-learning/progress'
import { embeddingPictures, type LiveReport, type RunRecorder } from '@metric-learning/report'
import { tensorBoard } from '@metric-learning/tensorboard'
import { GlobalEmbeddingSpaceTester } from '@metric-learning/testers'
import { batchesOf } from './batches.js'
import type { ComparisonData } from './data.js'
import { objectiveOf, SIDES } from './objective.js'
import type { LossName, QuickstartOptions } from './options.js'
import { RECIPE } from './recipe.js'
import { trunkOf } from './trunk.js'

/** Who watches a side beside the logs. */
export interface Watchers {
  readonly recorder: RunRecorder
  readonly live: LiveReport | undefined
}

/**
 * Trains one side of the comparison, or goes on with it where there are checkpoints. Its logs, checkpoints and best model are in
 * `<folder>/<loss>`.
 *
 * @returns why it ended before its last epoch: the name of a signal
 */
export async function trainSide(
  loss: LossName,
  data: ComparisonData,
  folder: string,
  options: QuickstartOptions,
  { recorder, live }: Watchers,
): Promise<string | undefined> {
  const { chunkSize, embeddingSize, epochs, learningRate, precision, seed } = options
  const { title } = SIDES[loss]
  const place = (name: string) => join(folder, loss, name)
  // The same draws for both sides, so that both begin with the same weights.
  const random = new Random(seed)
  const trunk = await trunkOf(options, data.train.sampleShape, random)
  const embedder = new Embedder({ inputSize: trunk.outputSize, embeddingSize, random })
  const objective = objectiveOf(loss, { numClasses: data.train.classNames.length, embeddingSize, seed })
  const optimizers = { trunk: new Adam({ learningRate }), embedder: new Adam({ learningRate }) }
  const best = { metric: 'heldOut/meanAveragePrecisionAtR', mode: 'max' } as const

  const trainer = new Trainer({
    trunk,
    embedder,
    dataset: data.train,
    sampler: batchesOf(data.train, options),
    objectives: [objective],
    optimizers,
    precision,
    ...(chunkSize !== undefined && { chunkSize }),
    seed,
    plugins: [
      recorder,
      new GlobalEmbeddingSpaceTester({ splits: { heldOut: data.heldOut } }),
      // The report has a projection; one after each epoch would take longer than the epoch.
      embeddingPictures({ images: (row) => samplePng(data.heldOut, row, { inverted: data.inverted }), projection: false, seed }),
      tensorBoard({
        folder: place('tensorboard'),
        sprites: { draw: (dataset, rows, tile) => spritePng(dataset, rows, tile, { inverted: data.inverted }), tile: 28 },
      }),
      jsonLines({ file: place('log.jsonl') }),
      health({ folder: place('health') }),
      progressLine({ label: title, runsAfter: options.losses.length - 1 - options.losses.indexOf(loss) }),
      checkpoints({
        folder: place('checkpoints'),
        everyEpochs: 1,
        everySteps: RECIPE.stepsBetweenCheckpoints,
        keepBest: best,
        resume: existsSync(place('checkpoints')),
        say: (line) => process.stderr.write(`${line}\n`),
      }),
      live,
    ],
  })
  try {
    await trainer.train({ epochs })
    const checkpoint = await bestCheckpoint(place('checkpoints'), best)
    if (checkpoint !== undefined) await exportModel(checkpoint, place('best-model'))
    return trainer.stopReason
  } finally {
    trainer.dispose()
    for (const made of [trunk, embedder, optimizers.trunk, optimizers.embedder, objective.optimizer]) made?.dispose()
    objective.loss.parameters.forEach((variable) => {
      variable.dispose()
    })
  }
}
