import { join } from 'node:path'
import { Random } from '@metric-learning/contracts'
import { Adam, progressLine, Trainer } from '@metric-learning/core'
import { spritePng } from '@metric-learning/datasets'
import { ConvNet, Embedder } from '@metric-learning/models'
import { runRecorder, type RunRecord } from '@metric-learning/report'
import { MPerClassSampler } from '@metric-learning/samplers'
import { tensorBoard } from '@metric-learning/tensorboard'
import { GlobalEmbeddingSpaceTester } from '@metric-learning/testers'
import type { ComparisonData } from './data.js'
import type { Interrupt } from './interrupt.js'
import { objectiveOf, SIDES } from './objective.js'
import type { LossName, QuickstartOptions } from './options.js'
import { RECIPE } from './recipe.js'

/** Trains one side of the comparison, and writes its logs and its best model under `<output>/<loss>`. */
export async function trainSide(
  loss: LossName,
  data: ComparisonData,
  options: QuickstartOptions,
  interrupt: Interrupt,
): Promise<RunRecord> {
  const { embeddingSize, epochs, precision, seed } = options
  const { title, description } = SIDES[loss]
  const folder = join(options.output, loss)
  // The same draws for both sides, so that both begin with the same weights.
  const random = new Random(seed)
  const trunk = new ConvNet({ inputChannels: data.train.sampleShape[2]!, width: RECIPE.trunkWidth, random })
  const embedder = new Embedder({ inputSize: trunk.outputSize, embeddingSize, random })
  const objective = objectiveOf(loss, { numClasses: data.train.classNames.length, embeddingSize, seed })
  const recorder = runRecorder({ name: title, description })

  const trainer = new Trainer({
    trunk,
    embedder,
    dataset: data.train,
    sampler: new MPerClassSampler({
      labels: data.train.labels,
      m: RECIPE.samplesPerClass,
      // A small folder has fewer classes than a batch has room for.
      batchSize: Math.min(RECIPE.batchSize, RECIPE.samplesPerClass * data.train.classNames.length),
    }),
    objectives: [objective],
    trunkOptimizer: new Adam({ learningRate: RECIPE.learningRate }),
    embedderOptimizer: new Adam({ learningRate: RECIPE.learningRate }),
    precision,
    seed,
    plugins: [
      recorder,
      new GlobalEmbeddingSpaceTester({ splits: { heldOut: data.heldOut }, bestModelFolder: join(folder, 'best-model') }),
      tensorBoard({
        folder: join(folder, 'tensorboard'),
        sprites: { draw: (dataset, rows, tile) => spritePng(dataset, rows, tile, { inverted: data.inverted }), tile: 28 },
      }),
      progressLine({ label: title }),
    ],
  })
  interrupt.onRequest(() => {
    trainer.stop('Ctrl-C')
  })
  try {
    await trainer.train({ epochs })
  } finally {
    trainer.dispose()
    trunk.dispose()
    embedder.dispose()
    objective.loss.parameters.forEach((variable) => {
      variable.dispose()
    })
  }
  return recorder.record
}
