import { Random, type Dataset } from '@metric-learning/contracts'
import { AdamW, Trainer } from '@metric-learning/core'
import { concatenated, mapLabels } from '@metric-learning/datasets'
import { ArcFaceLoss, TripletMarginLoss } from '@metric-learning/losses'
import { ConvNet, Embedder } from '@metric-learning/models'
import { stepCompiler, type CompileMode } from '@metric-learning/ops'
import { MixedSampler, MPerClassSampler } from '@metric-learning/samplers'
import { GlobalEmbeddingSpaceTester } from '@metric-learning/testers'
import { describe, expect, it } from 'vitest'
import { pictures } from './pictures.js'

const photos = pictures(6, 16)
/** Their negatives, with labels as a source might have them. */
const drawings = mapLabels({
  name: 'drawings',
  labels: Array.from(photos.labels, (label) => `sheet ${10 * label}`).slice(0, 48),
  sampleShape: photos.sampleShape,
  normalization: photos.normalization!,
  load: async (rows) => {
    const { values, shape } = await photos.load(rows)
    return { values: (values as Uint8Array).map((value) => 255 - value), shape }
  },
})
const dataset: Dataset = concatenated([photos, drawings])

function made(weights: readonly number[] | undefined, compile: CompileMode) {
  const random = new Random(3)
  const trunk = new ConvNet({ width: 4, blocks: 2, random })
  const embedder = new Embedder({ inputSize: trunk.outputSize, embeddingSize: 6, random })
  const adamW = () => new AdamW({ learningRate: 0.01, weightDecay: 0.05, weightDecayOf: 'matrices' })
  const samplers = [photos, drawings].map(({ labels }, i) => new MPerClassSampler({ labels, m: 4, batchSize: i === 0 ? 16 : 8 }))
  const tester = new GlobalEmbeddingSpaceTester({ splits: { all: dataset } })
  const trainer = new Trainer({
    trunk,
    embedder,
    dataset,
    sampler: new MixedSampler({ samplers, ...(weights && { weights, batchesPerEpoch: 8 }) }),
    objectives: [{ loss: new TripletMarginLoss({ margin: 0.2 }) }, { loss: new ArcFaceLoss({ numClasses: dataset.classNames.length, embeddingSize: 6, scale: 8, labelSmoothing: 0.1 }), optimizer: adamW() }],
    optimizers: { trunk: adamW(), embedder: adamW() },
    compile,
    plugins: [tester],
  })
  const values = () => [...trainer.parameters].map(([name, variable]) => [name, ...variable.dataSync()])
  return { trainer, tester, values }
}

describe.runIf(stepCompiler())('Mixed sources', () => {
  it.each([undefined, [2, 1]])('train, weights %j: the same compiled as eagerly, resumed as at once', async (weights) => {
    expect(dataset.classNames).toHaveLength(12)
    expect([...dataset.labels.slice(96)].every((label) => label >= 6)).toBe(true)
    const [compiled, eager, first, second] = [made(weights, 'require'), made(weights, false), made(weights, 'require'), made(weights, 'require')]
    await compiled.trainer.train({ epochs: 4 })
    await eager.trainer.train({ epochs: 4 })
    expect(compiled.values()).toEqual(eager.values())
    for await (const { step } of first.trainer.steps({ epochs: 4 })) if (step === 13) break
    await second.trainer.restore(await first.trainer.state())
    await second.trainer.train({ epochs: 4 })
    expect(second.values()).toEqual(compiled.values())
    expect(compiled.tester.best!.epoch).toBeGreaterThan(0)
    for (const { trainer } of [compiled, eager, first, second]) trainer.dispose()
  })
})
