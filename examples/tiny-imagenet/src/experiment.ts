import { defineExperiment, type ExperimentConfiguration } from '@metric-learning/experiments'

export interface TinyImageNetOptions {
  /** The extracted folder tiny-imagenet-200. */
  readonly data: string
  readonly epochs: number
  /** Torchvision's file of its ResNet50. Default: weights are drawn. */
  readonly weights?: string
  /** Decoded images are kept here. */
  readonly cache: string
  readonly batchSize: number
  readonly seeds: readonly number[]
  /** Whether less than the whole archive will do. */
  readonly partial: boolean
}

/** TripletMarginLoss with a MultiSimilarityMiner against ArcFaceLoss: TinyImageNet, ResNet50, embeddings of 512 numbers, Adam. */
export function tinyImageNetExperiment({ data, epochs, weights, cache, batchSize, seeds, partial }: TinyImageNetOptions): ExperimentConfiguration {
  // What is trained already learns on more slowly: PyTorch Metric Learning's examples have these rates.
  const rates = weights === undefined ? { trunk: 1e-3, embedder: 1e-3 } : { trunk: 1e-5, embedder: 1e-4 }
  return defineExperiment({
    name: 'tiny-imagenet',
    data: { tinyImageNet: { root: data, imageSize: 64, cache, partial } },
    split: 'published',
    trunk: weights === undefined ? 'ResNet50' : { pretrainedTrunk: { name: 'torchvision/resnet50', file: weights } },
    embedder: { Embedder: { embeddingSize: 512 } },
    sampler: { MPerClassSampler: { m: 4, batchSize } },
    optimizers: {
      trunk: { Adam: { learningRate: rates.trunk, weightDecay: 1e-4 } },
      embedder: { Adam: { learningRate: rates.embedder, weightDecay: 1e-4 } },
    },
    methods: {
      Triplet: { objectives: [{ loss: { TripletMarginLoss: { margin: 0.05 } }, miner: { MultiSimilarityMiner: { epsilon: 0.1 } } }] },
      ArcFace: { objectives: [{ loss: { ArcFaceLoss: { margin: 28.6, scale: 64 } }, optimizer: { Adam: { learningRate: 0.01 } } }] },
    },
    testers: [{ GlobalEmbeddingSpaceTester: { accuracyCalculator: { AccuracyCalculator: { k: 'max_bin_count' } } } }],
    plugins: ['embeddingPictures'],
    epochs,
    seeds,
    checkpointEverySteps: 200,
    tensorBoard: true,
  })
}
