import { Random, type Dataset, type Module } from '@metric-learning/contracts'
import { Adam, Trainer, type Objective, type Plugin } from '@metric-learning/core'
import { ArcFaceLoss, TripletMarginLoss } from '@metric-learning/losses'
import { MultiSimilarityMiner } from '@metric-learning/miners'
import { ConvNet, Embedder, ResNet, ResNet50 } from '@metric-learning/models'
import type { LossName } from './nets.js'
import type { TurnRequest } from './turn.js'

export type TrainerRequest = Pick<TurnRequest, 'net' | 'batch' | 'imageSize' | 'channels' | 'loss' | 'compile' | 'precision'>

export interface RunOptions {
  /** Steps of the one epoch. */
  readonly steps: number
  readonly plugins: readonly Plugin[]
  /** Default that of the trainer. */
  readonly logEverySteps?: number
}

/** A trainer of a net on one batch of noise, again and again. */
export function trainerOf(request: TrainerRequest, { steps, ...more }: RunOptions): Trainer {
  const { net, batch, imageSize, channels, loss, compile, precision } = request
  const random = new Random(0)
  const trunk = trunkOf(net, channels, random)
  return new Trainer({
    trunk,
    embedder: new Embedder({ inputSize: trunk.outputSize, embeddingSize: 64, random }),
    dataset: noise(batch, imageSize, channels),
    sampler: {
      name: 'everything',
      batchSize: batch,
      batchesPerEpoch: steps,
      batch: () => Int32Array.from({ length: batch }, (_, row) => row),
    },
    objectives: [objectiveOf(loss)],
    compile: compile ? 'require' : false,
    precision,
    ...more,
  })
}

/** The net of a name. */
export function trunkOf(name: string, inputChannels: number, random: Random): Module {
  if (name === 'smallresnet') return new ResNet({ inputChannels, width: 32, random })
  if (name === 'resnet50') return new ResNet50({ inputChannels, random })
  return new ConvNet({ inputChannels, width: Number(name.split('-')[1]), random })
}

/** The loss of a name, with its miner. */
export function objectiveOf(loss: LossName): Objective {
  return loss === 'triplet'
    ? { loss: new TripletMarginLoss(), miner: new MultiSimilarityMiner() }
    : { loss: new ArcFaceLoss({ numClasses: 245, embeddingSize: 64 }), optimizer: new Adam({ learningRate: 1e-2 }) }
}

/** Random pixels in classes of four. */
export function noise(count: number, side: number, channels: number): Dataset {
  const random = new Random(1)
  const values = Uint8Array.from({ length: count * side * side * channels }, () => random.int(256))
  return {
    name: 'noise',
    labels: Int32Array.from({ length: count }, (_, row) => row >> 2),
    classNames: Array.from({ length: Math.ceil(count / 4) }, (_, label) => String(label)),
    sampleShape: [side, side, channels],
    normalization: { mean: Array<number>(channels).fill(0.5), std: Array<number>(channels).fill(0.25) },
    load: () => Promise.resolve({ values, shape: [count, side, side, channels] }),
  }
}
