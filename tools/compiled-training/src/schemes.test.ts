import * as tf from '@tensorflow/tfjs-core'
import { Random, type Dataset } from '@metric-learning/contracts'
import { Adam, Trainer, type Objective, type Plugin, type Scheme } from '@metric-learning/core'
import { augmented, withPositives } from '@metric-learning/datasets'
import { ContrastiveLoss, CrossEntropyLoss, NTXentLoss, SelfSupervisedLoss, TripletMarginLoss, VICRegLoss } from '@metric-learning/losses'
import { BatchHardMiner, HDCMiner, MultiSimilarityMiner } from '@metric-learning/miners'
import { ConvNet, Embedder, MLP } from '@metric-learning/models'
import { stepCompiler, type CompileMode } from '@metric-learning/ops'
import { MPerClassSampler } from '@metric-learning/samplers'
import {
  cascadedEmbeddings,
  deepAdversarialMetricLearning,
  distillation,
  relationalDistance,
  trainWithClassifier,
  twoStreams,
  twoViews,
} from '@metric-learning/schemes'
import { GlobalEmbeddingSpaceTester } from '@metric-learning/testers'
import { afterAll, describe, expect, it } from 'vitest'
import { pictures } from './pictures.js'

const CLASSES = 6
const plain = pictures(CLASSES, 16)
const moved = augmented(plain, { randomCrop: { padding: 1 }, horizontalFlip: 0.5, seed: 3, workers: 1 })
afterAll(() => moved.dispose())

interface Case {
  readonly dataset: Dataset
  make(random: Random): { readonly scheme: Scheme; readonly objectives?: readonly Objective[] }
  /** Whether the labels have a say, so that accuracies rise. */
  readonly isLabelled?: boolean
  /** Terms that are to fall. */
  readonly falling: readonly string[]
  /** Names of all terms, in order. */
  readonly terms: readonly string[]
}

function networks(random: Random) {
  const trunk = new ConvNet({ width: 4, blocks: 2, random })
  return { trunk, embedder: new Embedder({ inputSize: trunk.outputSize, embeddingSize: 6, random }) }
}

const cases: Readonly<Record<string, Case>> = {
  'TrainWithClassifier, Triplet and cross entropy': {
    dataset: plain,
    make: (random) => {
      const classifier = new MLP({ inputSize: 6, hiddenSizes: [], outputSize: CLASSES, random })
      return {
        scheme: trainWithClassifier({ ...networks(random), classifier }),
        objectives: [
          { name: 'metric', loss: new TripletMarginLoss({ margin: 0.2 }), miner: new MultiSimilarityMiner() },
          { name: 'classifier', loss: new CrossEntropyLoss({ numClasses: CLASSES }), of: 'logits', weight: 0.5 },
        ],
      }
    },
    isLabelled: true,
    terms: ['metric', 'classifier'],
    falling: ['classifier'],
  },
  'two views without labels, NTXent': {
    dataset: moved,
    make: (random) => ({
      scheme: twoViews(networks(random)),
      objectives: [{ name: 'views', loss: new SelfSupervisedLoss({ loss: new NTXentLoss({ temperature: 0.2 }) }), against: 'otherEmbeddings' }],
    }),
    terms: ['views'],
    falling: ['views'],
  },
  'two views without labels, VICReg': {
    dataset: moved,
    make: (random) => ({ scheme: twoViews(networks(random)), objectives: [{ name: 'vicReg', loss: new VICRegLoss(), against: 'otherEmbeddings' }] }),
    terms: ['vicReg'],
    falling: ['vicReg'],
  },
  'two views with labels, NTXent between them': {
    dataset: moved,
    make: (random) => ({ scheme: twoViews(networks(random)), objectives: [{ loss: new NTXentLoss({ temperature: 0.2 }), against: 'otherEmbeddings' }] }),
    terms: ['NTXentLoss'],
    falling: ['NTXentLoss'],
  },
  'DeepAdversarialMetricLearning, two updates a step': {
    dataset: plain,
    make: (random) => {
      const { trunk, embedder } = networks(random)
      const generator = new MLP({ inputSize: 3 * trunk.outputSize, hiddenSizes: [16], outputSize: trunk.outputSize, random })
      const metric = { name: 'metric', loss: new TripletMarginLoss({ margin: 0.2 }), miner: new MultiSimilarityMiner() }
      return { scheme: deepAdversarialMetricLearning({ trunk, embedder, generator, metric, tripletsPerAnchor: 2, seed: 5 }) }
    },
    isLabelled: true,
    terms: ['adversarial', 'hard', 'regular', 'metric', 'synth'],
    falling: ['hard', 'regular'],
  },
  'CascadedEmbeddings, a classifier, and pairs handed on from stage to stage': {
    dataset: plain,
    make: (random) => {
      const miner = () => new HDCMiner({ filterPercentage: 0.5 })
      const classifier = new MLP({ inputSize: 2, hiddenSizes: [], outputSize: CLASSES, random })
      return {
        scheme: cascadedEmbeddings({ ...networks(random), embeddingSizes: [2, 4], classifiers: [classifier, undefined] }),
        objectives: [
          { name: 'easy', loss: new ContrastiveLoss(), of: 'embeddings0', miner: miner() },
          { name: 'hard', loss: new ContrastiveLoss(), of: 'embeddings1', miner: miner(), mineAmong: 'easy' },
          { name: 'classes', loss: new CrossEntropyLoss({ numClasses: CLASSES }), of: 'logits0' },
        ],
      }
    },
    isLabelled: true,
    terms: ['easy', 'hard', 'classes'],
    falling: ['classes'],
  },
  'two streams through one network, anchors beside positives': {
    dataset: withPositives(plain, { seed: 4 }),
    make: (random) => ({
      scheme: twoStreams(networks(random)),
      objectives: [{ loss: new TripletMarginLoss({ margin: 0.2 }), miner: new BatchHardMiner(), against: 'otherEmbeddings' }],
    }),
    isLabelled: true,
    terms: ['TripletMarginLoss'],
    falling: ['TripletMarginLoss'],
  },
  'two streams, a network each': {
    dataset: withPositives(plain, { seed: 4 }),
    make: (random) => ({
      scheme: twoStreams({ ...networks(random), other: networks(random) }),
      objectives: [{ loss: new NTXentLoss({ temperature: 0.2 }), against: 'otherEmbeddings' }],
    }),
    isLabelled: true,
    terms: ['NTXentLoss'],
    falling: ['NTXentLoss'],
  },
  'distillation, from a wider teacher, without labels': {
    dataset: plain,
    make: (random) => {
      const trunk = new ConvNet({ width: 4, blocks: 2, random })
      const teacher = { trunk, embedder: new Embedder({ inputSize: trunk.outputSize, embeddingSize: 12, random }) }
      return {
        scheme: { ...distillation({ ...networks(random), teacher }), dispose: () => [teacher.trunk, teacher.embedder].forEach((module) => module.dispose()) },
        objectives: [{ loss: relationalDistance(), against: 'teacherEmbeddings' }],
      }
    },
    terms: ['relationalDistance'],
    falling: ['relationalDistance'],
  },
}

interface Trained {
  readonly losses: readonly Readonly<Record<string, number>>[]
  readonly parameters: readonly (readonly number[])[]
  readonly accuracies: readonly number[]
}

async function trained({ dataset, make }: Case, compile: CompileMode, epochs = 6): Promise<Trained> {
  const losses: Readonly<Record<string, number>>[] = []
  const accuracies: number[] = []
  const watch: Plugin = {
    name: 'watch',
    apply({ hooks }) {
      hooks.batchEnd.tapPromise({ name: 'watch' }, async (context) => {
        losses.push(await context.losses())
      })
      hooks.evalEnd.tap({ name: 'watch' }, ({ metrics }) => {
        accuracies.push(metrics['pictures']!['meanAveragePrecisionAtR']!)
      })
    },
  }
  const { scheme, objectives = [] } = make(new Random(3))
  const optimizers = Object.fromEntries(Object.keys(scheme.modules).map((name) => [name, new Adam({ learningRate: 0.01 })]))
  const trainer = new Trainer({
    scheme,
    objectives,
    optimizers,
    dataset,
    sampler: new MPerClassSampler({ labels: dataset.labels, m: 4, batchSize: 16 }),
    compile,
    plugins: [new GlobalEmbeddingSpaceTester({ splits: { pictures: plain }, everyEpochs: epochs }), watch],
  })
  await trainer.train({ epochs })
  const parameters = [...trainer.parameters.values()].map((variable) => [...variable.dataSync()])
  trainer.dispose()
  Object.values(optimizers).forEach((optimizer) => optimizer.dispose())
  Object.values(scheme.modules).forEach((module) => module.dispose())
  scheme.dispose?.()
  return { losses, parameters, accuracies }
}

describe.runIf(stepCompiler())('Schemes', () => {
  it.each(Object.entries(cases))('%s: one graph, the same steps as eagerly, and it learns', async (_, one) => {
    const before = tf.memory().numTensors
    const [compiled, eager] = [await trained(one, 'require'), await trained(one, false)]
    expect(Object.keys(compiled.losses[0]!)).toEqual(one.terms)
    expect(compiled.losses).toEqual(eager.losses)
    expect(compiled.parameters).toEqual(eager.parameters)
    for (const term of one.falling) {
      const mean = (some: readonly Readonly<Record<string, number>>[]) => some.reduce((sum, losses) => sum + losses[term]!, 0) / some.length
      expect(mean(compiled.losses.slice(-6)), term).toBeLessThan(0.9 * mean(compiled.losses.slice(0, 6)))
    }
    if (one.isLabelled) expect(compiled.accuracies[1]!).toBeGreaterThan(compiled.accuracies[0]! + 0.05)
    expect(tf.memory().numTensors).toBe(before)
  })

  it('refuses two views of a dataset that has one', () => {
    const { scheme, objectives } = cases['two views without labels, NTXent']!.make(new Random(3))
    const sampler = new MPerClassSampler({ labels: plain.labels, m: 4, batchSize: 16 })
    expect(() => new Trainer({ scheme, objectives: objectives!, dataset: plain, sampler })).toThrow('a dataset with 2 views of a sample, for the scheme TwoViews, got pictures, which has 1')
  })
})
