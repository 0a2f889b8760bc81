import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { bestCheckpoint, checkpoints, exportModel } from '@metric-learning/checkpoints'
import { samplePng, spritePng } from '@metric-learning/datasets'
import { createTrainer } from '@metric-learning/experiments'
import { health } from '@metric-learning/health'
import { jsonLines, progressLine } from '@metric-learning/progress'
import { embeddingPictures, type LiveReport, type RunRecorder } from '@metric-learning/report'
import { tensorBoard } from '@metric-learning/tensorboard'
import { comparisonOf, SIDES } from './comparison.js'
import type { ComparisonData } from './data.js'
import type { LossName, QuickstartOptions } from './options.js'
import { RECIPE } from './recipe.js'

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
  const { epochs, losses, seed } = options
  const { title } = SIDES[loss]
  const place = (name: string) => join(folder, loss, name)
  const { configuration, registry } = await comparisonOf(data.train, options)
  const best = { metric: `heldOut/${configuration.metric}`, mode: 'max' } as const

  // The same seed for both sides, so that both begin with the same weights.
  const created = await createTrainer(configuration, loss, {
    registry,
    train: data.train,
    splits: { heldOut: data.heldOut },
    seed,
    plugins: () => [
      recorder,
      // The report has a projection; one after each epoch would take longer than the epoch.
      embeddingPictures({ images: (row) => samplePng(data.heldOut, row, { inverted: data.inverted }), projection: false, seed }),
      tensorBoard({
        folder: place('tensorboard'),
        sprites: { draw: (dataset, rows, tile) => spritePng(dataset, rows, tile, { inverted: data.inverted }), tile: 28 },
      }),
      jsonLines({ file: place('log.jsonl') }),
      health({ folder: place('health') }),
      progressLine({ label: title, runsAfter: losses.length - 1 - losses.indexOf(loss) }),
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
    await created.trainer.train({ epochs })
    const checkpoint = await bestCheckpoint(place('checkpoints'), best)
    if (checkpoint !== undefined) await exportModel(checkpoint, place('best-model'))
    return created.trainer.stopReason
  } finally {
    await created.dispose()
  }
}
