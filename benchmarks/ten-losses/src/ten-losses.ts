import { defineExperiment, type ExperimentConfiguration, type MethodConfiguration } from '@metric-learning/experiments'

export const SETS = ['quick-draw', 'emoji', 'glyphs'] as const
export type BenchmarkSet = (typeof SETS)[number]

type Loss = MethodConfiguration['objectives'][number]['loss']
const one = (loss: Loss, more: Partial<MethodConfiguration['objectives'][number]> = {}): MethodConfiguration => ({ objectives: [{ loss, ...more }] })
/** Vectors of classes learn on an Adam of their own, faster than networks. */
const overClasses = (loss: Loss): MethodConfiguration => one(loss, { optimizer: { Adam: { learningRate: 0.01 } } })

/** Of trunk and embedder. */
export const LEARNING_RATE = 3e-3

/** Losses with their defaults, as far as these have one that holds for a hundred classes and more. */
const METHODS: Readonly<Record<string, MethodConfiguration>> = {
  Contrastive: one({ ContrastiveLoss: { negMargin: 0.5 } }),
  Triplet: one('TripletMarginLoss', { miner: 'MultiSimilarityMiner' }),
  Margin: one('MarginLoss'),
  'NT-Xent': one('NTXentLoss'),
  'Multi-Similarity': one('MultiSimilarityLoss', { miner: 'MultiSimilarityMiner' }),
  'Proxy-NCA': overClasses({ ProxyNCALoss: { softmaxScale: 8 } }),
  'Normalized softmax': overClasses('NormalizedSoftmaxLoss'),
  CosFace: overClasses({ CosFaceLoss: { scale: 16 } }),
  ArcFace: overClasses({ ArcFaceLoss: { scale: 16 } }),
  SoftTriple: overClasses({ SoftTripleLoss: { centersPerClass: 2 } }),
}

/** The metrics of A Metric Learning Reality Check; those of clusters would take most of the time. Each method begins with the baseline, so that nothing is judged before training. */
const judged = (everyEpochs: number): NonNullable<ExperimentConfiguration['testers']> => [
  { GlobalEmbeddingSpaceTester: { accuracyCalculator: { AccuracyCalculator: { include: ['precisionAt1', 'rPrecision', 'meanAveragePrecisionAtR'] } }, everyEpochs, beforeTraining: false } },
]

/** Epochs are so many that each run sees about as many images, whatever the set, and is judged at least twice on its validation fold. */
const OF_SETS: Readonly<Record<BenchmarkSet, Pick<ExperimentConfiguration, 'data' | 'epochs' | 'testers'>>> = {
  'quick-draw': { data: { quickDraw: { samplesPerClass: 20, testSamplesPerClass: 20 } }, epochs: 8, testers: judged(2) },
  emoji: { data: 'emoji', epochs: 8, testers: judged(2) },
  glyphs: { data: 'glyphs', epochs: 2, testers: judged(1) },
}

/** Ten losses on one set: four folds, each repeat with a seed of its own; embeddings of 128 numbers a fold, 512 joined. */
export const tenLosses = (set: BenchmarkSet, seeds: readonly number[] = [0, 1, 2]): ExperimentConfiguration =>
  defineExperiment({
    name: `ten-losses-${set}`,
    ...OF_SETS[set],
    trunk: { ConvNet: { width: 8 } },
    embedder: { Embedder: { embeddingSize: 128 } },
    optimizers: { trunk: { Adam: { learningRate: LEARNING_RATE } }, embedder: { Adam: { learningRate: LEARNING_RATE } } },
    methods: METHODS,
    sampler: { MPerClassSampler: { m: 4, batchSize: 64 } },
    unlogged: ['embeddings', 'distances', 'active', 'gradients', 'validationLoss'],
    seeds,
    protocol: { folds: 4 },
  })
