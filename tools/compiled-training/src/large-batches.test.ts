import * as tf from '@tensorflow/tfjs-core'
import { Random, type Dataset, type Loss, type Module } from '@metric-learning/contracts'
import { metricLossOnly, SGD, Trainer, type Objective, type Plugin, type Scheme } from '@metric-learning/core'
import { augmented } from '@metric-learning/datasets'
import { ArcFaceLoss, ContrastiveLoss, CrossBatchMemory, CrossEntropyLoss, MarginLoss, MultipleLosses, NTXentLoss, SelfSupervisedLoss, TripletMarginLoss, VICRegLoss } from '@metric-learning/losses'
import { MultiSimilarityMiner } from '@metric-learning/miners'
import { ConvNet, Embedder, MLP } from '@metric-learning/models'
import { stepCompiler, type CompileMode } from '@metric-learning/ops'
import { MPerClassSampler } from '@metric-learning/samplers'
import { deepAdversarialMetricLearning, trainWithClassifier, twoViews } from '@metric-learning/schemes'
import { afterAll, describe, expect, it } from 'vitest'
import { lossNamed, lossNames } from './losses.js'
import { pictures } from './pictures.js'
import { CLASSES, EMBEDDING_SIZE } from './small-run.js'

const STEPS = 2
const plain = pictures(CLASSES, 8)
const moved = augmented(plain, { randomCrop: { padding: 1 }, horizontalFlip: 0.5, seed: 3, workers: 1 })
afterAll(() => moved.dispose())

interface Case {
  readonly dataset?: Dataset
  readonly scheme?: (parts: Parts) => Scheme
  readonly objectives?: () => readonly Objective[]
}

interface Parts {
  readonly trunk: Module
  readonly embedder: Module
  readonly random: Random
}

/** A ConvNet whose batch norm goes by its running statistics: with those of the batch, each sample would follow from the others. */
function frozenNorm(random: Random): Module {
  const net = new ConvNet({ width: 4, blocks: 2, random })
  return { name: 'ConvNet', parameters: net.parameters, buffers: net.buffers, outputSize: net.outputSize, call: (x) => net.call(x, { training: false }), dispose: () => net.dispose() }
}

/** e⁻ˢ · loss + s, with s to be learned: a task that says itself how much it counts (arXiv 1705.07115). */
function weighingItself(loss: Loss): Loss {
  const s = tf.variable(tf.scalar(0.3))
  return {
    name: `weighing ${loss.name}`,
    parameters: new Map([...loss.parameters, ['s', s as tf.Variable]]),
    compute: (...given) => tf.add(tf.mul(tf.exp(tf.neg(s)), loss.compute(...given)), s),
  }
}

/** The gradients of two steps from the same weights, so that what the first remembers counts in the second; by parameter. */
async function gradientsOf({ dataset = plain, scheme = ({ trunk, embedder }) => metricLossOnly({ trunk, embedder }), objectives = () => [] }: Case, compile: CompileMode, chunkSize?: number): Promise<Record<string, Float32Array>> {
  const random = new Random(3)
  const trunk = frozenNorm(random)
  const made = scheme({ trunk, embedder: new Embedder({ inputSize: trunk.outputSize, embeddingSize: EMBEDDING_SIZE, random }), random })
  const found: Record<string, Float32Array> = {}
  const reader: Plugin = {
    name: 'reader',
    apply({ hooks }) {
      hooks.exchange.tap({ name: 'reader' }, ({ gradients, update, step, hold }) => {
        for (const [name, gradient] of gradients) found[`step ${step + 1}, ${update}, ${name}`] = gradient.dataSync<'float32'>().slice()
        hold()
        return undefined
      })
    },
  }
  const trainer = new Trainer({
    scheme: made,
    objectives: objectives(),
    optimizers: Object.fromEntries(Object.keys(made.modules).map((name) => [name, new SGD({ learningRate: 0.1 })])),
    dataset,
    sampler: { ...new MPerClassSampler({ labels: dataset.labels, m: 4, batchSize: 16 }), name: 'some', batchesPerEpoch: STEPS, batch: ({ batch }) => Int32Array.from({ length: 16 }, (_, i) => (5 * i + 16 * batch) % 64) },
    compile,
    plugins: [reader],
    ...(chunkSize && { chunkSize }),
  })
  try {
    await trainer.train({ epochs: 1 })
    return found
  } finally {
    trainer.dispose()
    Object.values(made.modules).forEach((module) => module.dispose())
  }
}

/**
 * To 1e-5 of its length, of the gradient of an update as one vector, along which a step goes: ‖got - wanted‖ ≤ 1e-5 ‖wanted‖. The gradient of one parameter
 * may be short beside it since its parts cancel out, such as those of samples that are pulled one way and pushed the other, of a bias. What is
 * rounded off the parts stays, and each to 5e-5 of its own length says that nothing else is amiss.
 */
function expectSameGradients(got: Record<string, Float32Array>, wanted: Record<string, Float32Array>): void {
  expect(Object.keys(got)).toEqual(Object.keys(wanted))
  const differences = Object.fromEntries(Object.entries(wanted).map(([name, gradient]) => [name, gradient.map((value, i) => value - got[name]![i]!)]))
  for (const update of new Set(Object.keys(wanted).map(updateOf))) {
    const names = Object.keys(wanted).filter((name) => updateOf(name) === update)
    const lengthOf = (vectors: Record<string, Float32Array>) => Math.hypot(...names.map((name) => norm(vectors[name]!)))
    const whole = lengthOf(wanted)
    expect(whole, update).toBeGreaterThan(0)
    expect(lengthOf(differences) / whole, update).toBeLessThan(1e-5)
    for (const name of names) expect(norm(differences[name]!) / Math.max(norm(wanted[name]!), 0.01 * whole), name).toBeLessThan(5e-5)
  }
}

/** `step 1, <update>` of `step 1, <update>, <parameter>`. */
const updateOf = (name: string): string => name.split(', ').slice(0, 2).join(', ')

const norm = (vector: Float32Array): number => Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0))

const cases: Readonly<Record<string, Case>> = {
  'Triplet with a miner': { objectives: () => [{ loss: new TripletMarginLoss({ margin: 0.2 }), miner: new MultiSimilarityMiner() }] },
  'ArcFace, which has weights': { objectives: () => [{ loss: new ArcFaceLoss({ numClasses: CLASSES, embeddingSize: EMBEDDING_SIZE }) }] },
  'a memory': { objectives: () => [{ loss: new CrossBatchMemory({ loss: new ContrastiveLoss(), embeddingSize: EMBEDDING_SIZE, memorySize: 40, miner: new MultiSimilarityMiner() }) }] },
  'a memory, all pairs of which go through one operation': { objectives: () => [{ loss: new CrossBatchMemory({ loss: new ContrastiveLoss({ posMargin: 0.2, negMargin: 1.1 }), embeddingSize: EMBEDDING_SIZE, memorySize: 40 }) }] },
  'several losses in one, and losses that learn how much they count': {
    objectives: () => [
      { loss: new MultipleLosses({ losses: [new NTXentLoss(), new MarginLoss({ learnBeta: true })], weights: [1, 0.5] }) },
      { loss: weighingItself(new ContrastiveLoss()), weight: 0.7 },
    ],
  },
  'a classifier beside a loss': {
    scheme: ({ random, ...parts }) => trainWithClassifier({ ...parts, classifier: new MLP({ inputSize: EMBEDDING_SIZE, hiddenSizes: [], outputSize: CLASSES, random }) }),
    objectives: () => [{ loss: new TripletMarginLoss() }, { loss: new CrossEntropyLoss({ numClasses: CLASSES }), of: 'logits', weight: 0.5 }],
  },
  'two views, without labels': {
    dataset: moved,
    scheme: ({ trunk, embedder }) => twoViews({ trunk, embedder }),
    objectives: () => [
      { loss: new SelfSupervisedLoss({ loss: new NTXentLoss() }), against: 'otherEmbeddings' },
      { loss: new VICRegLoss(), against: 'otherEmbeddings', weight: 0.1 },
    ],
  },
}

const modes = [false, ...(stepCompiler() ? ['require' as const] : [])]
describe.each(modes)('Gradients of batches in chunks (compile: %s)', (compile) => {
  it.each(Object.entries(cases))('are those of the whole batch: %s', async (_, one) => {
    expectSameGradients(await gradientsOf(one, compile, 7), await gradientsOf(one, compile))
  })

  it('refuse a scheme that pairs samples by their labels on the way', async () => {
    const scheme = ({ trunk, embedder, random }: Parts) => {
      const generator = new MLP({ inputSize: 3 * trunk.outputSize, hiddenSizes: [], outputSize: trunk.outputSize, random })
      return deepAdversarialMetricLearning({ trunk, embedder, generator, metric: { name: 'metric', loss: new TripletMarginLoss() } })
    }
    await expect(gradientsOf({ scheme }, compile, 8)).rejects.toMatchObject({ code: 'ML_OPTION', message: expect.stringContaining('wanted a scheme whose outputs follow from each sample by itself') as string })
  })
})

describe('Every loss', () => {
  it.each(lossNames)('%s has the gradients of the whole batch where that goes in chunks', async (name) => {
    const one = { objectives: () => [{ loss: lossNamed(name) }] }
    expectSameGradients(await gradientsOf(one, false, 6), await gradientsOf(one, false))
  })
})
