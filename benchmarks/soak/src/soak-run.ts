import { join } from 'node:path'
import { Random, type Dataset } from '@metric-learning/contracts'
import { checkpoints } from '@metric-learning/checkpoints'
import { Adam, Trainer, type Objective, type Plugin } from '@metric-learning/core'
import { augmented, type AugmentedDataset } from '@metric-learning/datasets'
import { health } from '@metric-learning/health'
import { ArcFaceLoss, CrossBatchMemory, TripletMarginLoss } from '@metric-learning/losses'
import { MultiSimilarityMiner } from '@metric-learning/miners'
import { ConvNet, Embedder } from '@metric-learning/models'
import { Scheduled, type CompileMode } from '@metric-learning/ops'
import { exponentialMovingAverage } from '@metric-learning/optimization'
import { csvFile, jsonLines, progressLine } from '@metric-learning/progress'
import { runRecorder } from '@metric-learning/report'
import { MPerClassSampler } from '@metric-learning/samplers'
import { cosine, earlyStopping, linear, onPlateau, schedules, warmUp } from '@metric-learning/schedules'
import { tensorBoard } from '@metric-learning/tensorboard'
import { GlobalEmbeddingSpaceTester } from '@metric-learning/testers'
import { bars, CLASSES } from './bars.js'

/** Files and folders of a run, in its own. */
export const PLACES = { checkpoints: 'checkpoints', jsonLines: 'log.jsonl', csvFile: 'log.csv', tensorBoard: 'tensorboard', health: 'health' } as const

export interface SoakRunOptions {
  /** The run's own; it goes on from what is there. */
  readonly folder: string
  readonly compile: CompileMode
  readonly epochs: number
  readonly stepsOfEpoch: number
  readonly stepsBetweenCheckpoints: number
  /** Epochs without progress after which early stopping ends the run. */
  readonly patience: number
  readonly logEverySteps: number
  /** Told when a batch begins to be loaded. */
  readonly onLoad?: () => void
  /** Further ones, which come before those that save. */
  readonly plugins?: readonly Plugin[]
}

const EMBEDDING_SIZE = 6
const SAMPLES_OF_CLASS = 4
const BATCH = 16

/**
 * A small run with all that has a memory: batch norm, Adam for each group, an embedding memory, drawn triplets, an ArcFace head,
 * augmentation, schedules of rates and of a margin, a plateau, early stopping, averaged weights, a tester, loggers, health and checkpoints.
 * It takes the same steps from time to time.
 */
export class SoakRun {
  readonly trainer: Trainer
  readonly #epochs: number
  readonly #owned: readonly { dispose(): unknown }[]
  readonly #dataset: AugmentedDataset

  constructor(options: SoakRunOptions) {
    const { compile, epochs, stepsOfEpoch, logEverySteps, onLoad, plugins = [] } = options
    this.#epochs = epochs
    const train = bars('train', 20, 1)
    this.#dataset = augmented(train, { randomCrop: { padding: 1 }, horizontalFlip: 0.5, seed: 5 })
    const random = new Random(3)
    const trunk = new ConvNet({ width: 4, blocks: 2, random })
    const embedder = new Embedder({ inputSize: trunk.outputSize, embeddingSize: EMBEDDING_SIZE, random })
    const margin = new Scheduled(0.2, 'margin')
    const objectives = objectivesWith(margin)
    const averages = exponentialMovingAverage({ decay: 0.9 })
    const optimizers = { trunk: new Adam({ learningRate: 0.003 }), embedder: new Adam({ learningRate: 0.01 }) }
    this.trainer = new Trainer({
      trunk,
      embedder,
      dataset: onLoad ? announced(this.#dataset, onLoad) : this.#dataset,
      sampler: new MPerClassSampler({ labels: train.labels, m: SAMPLES_OF_CLASS, batchSize: BATCH, lengthBeforeNewIter: BATCH * stepsOfEpoch }),
      objectives,
      optimizers,
      seed: 7,
      compile,
      logEverySteps,
      plugins: [...everyPlugin(options, margin), averages, ...plugins, saving(options)],
    })
    const losses = objectives.flatMap(({ loss, optimizer }) => [...loss.parameters.values(), ...(loss.buffers?.values() ?? []), ...(optimizer ? [optimizer] : [])])
    this.#owned = [trunk, embedder, margin, averages, ...Object.values(optimizers), ...losses]
  }

  /** @param epochs at which it ends in all. Default all of them */
  train(epochs = this.#epochs): Promise<void> {
    return this.trainer.train({ epochs })
  }

  async dispose(): Promise<void> {
    this.trainer.dispose()
    for (const part of this.#owned) part.dispose()
    await this.#dataset.dispose()
  }
}

function objectivesWith(margin: Scheduled): readonly Objective[] {
  const memory = new CrossBatchMemory({
    loss: new TripletMarginLoss({ margin }),
    embeddingSize: EMBEDDING_SIZE,
    memorySize: 3 * BATCH,
    miner: new MultiSimilarityMiner(),
  })
  return [
    { name: 'memory', loss: memory },
    { name: 'drawn', loss: new TripletMarginLoss({ margin: 0.1, tripletsPerAnchor: 3, seed: 2 }), weight: 0.5 },
    {
      name: 'arcFace',
      loss: new ArcFaceLoss({ numClasses: CLASSES, embeddingSize: EMBEDDING_SIZE, seed: 4 }),
      weight: 0.1,
      optimizer: new Adam({ learningRate: 0.02 }),
    },
  ]
}

function everyPlugin({ folder, epochs, stepsOfEpoch, patience }: SoakRunOptions, margin: Scheduled): readonly Plugin[] {
  const tMax = epochs * stepsOfEpoch
  return [
    runRecorder({ name: 'soak' }),
    new GlobalEmbeddingSpaceTester({ splits: { heldOut: bars('heldOut', 6, 2) }, beforeTraining: false }),
    schedules([
      { of: 'trunk', shape: warmUp(cosine({ tMax }), { totalIters: 8 }), by: 'step' },
      { of: 'embedder', shape: onPlateau({ metric: 'train/loss', mode: 'min', patience: 0, factor: 0.7, threshold: 0.05 }) },
      { of: 'losses.arcFace', shape: linear({ startFactor: 1, endFactor: 0.2, totalIters: epochs }), by: 'epoch' },
      { of: margin, shape: linear({ startFactor: 0.25, totalIters: tMax }), by: 'step' },
    ]),
    earlyStopping({ metric: 'heldOut/meanAveragePrecisionAtR', mode: 'max', patience, minDelta: 0.02 }),
    health({ folder: join(folder, PLACES.health) }),
    jsonLines({ file: join(folder, PLACES.jsonLines) }),
    csvFile({ file: join(folder, PLACES.csvFile) }),
    tensorBoard({ folder: join(folder, PLACES.tensorBoard) }),
    progressLine({ stream: { write: () => undefined } }),
  ]
}

const saving = ({ folder, stepsBetweenCheckpoints }: SoakRunOptions): Plugin =>
  checkpoints({
    folder: join(folder, PLACES.checkpoints),
    everySteps: stepsBetweenCheckpoints,
    everyEpochs: 1,
    keepBest: { metric: 'heldOut/meanAveragePrecisionAtR', mode: 'max' },
    resume: true,
    onSignal: false,
    say: () => undefined,
  })

/** The same dataset, which says when it begins to load. */
function announced(dataset: Dataset, onLoad: () => void): Dataset {
  const { name, labels, classNames, sampleShape, normalization, views } = dataset
  return {
    name,
    labels,
    classNames,
    sampleShape,
    ...(normalization && { normalization }),
    ...(views !== undefined && { views }),
    load: (rows, at) => {
      onLoad()
      return dataset.load(rows, at)
    },
  }
}
