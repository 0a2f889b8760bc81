import * as tf from '@tensorflow/tfjs-core'
import { type Module, Random } from '@metric-learning/contracts'
import { Trainer } from '@metric-learning/core'
import type { CompileMode } from '@metric-learning/ops'
import { TripletMarginLoss } from '@metric-learning/losses'
import { EfficientNetLite0, Embedder, ResNet } from '@metric-learning/models'
import { MPerClassSampler } from '@metric-learning/samplers'
import { freezing } from '@metric-learning/schedules'
import { fineTuning } from '@metric-learning/schemes'
import { describe, expect, it } from 'vitest'
import { pictures } from './pictures.js'

const trunks: Readonly<Record<string, () => Module>> = {
  EfficientNetLite0: () => new EfficientNetLite0({ inputChannels: 1, seed: 1 }),
  'EfficientNetLite0, padded as PyTorch does': () => new EfficientNetLite0({ inputChannels: 1, padding: 'symmetric', seed: 1 }),
  'ResNet with strides as in the paper': () => new ResNet({ block: 'bottleneck', blocks: [1, 1], width: 4, version: 1, stem: 'small', inputChannels: 1, seed: 1 }),
}
const dataset = pictures(4, 8)

/** Losses of an epoch of four steps, and all variables of the trunk before and after. */
async function run(make: () => Module, compile: CompileMode, isFrozen: boolean) {
  const trunk = make()
  const embedder = new Embedder({ inputSize: trunk.outputSize, embeddingSize: 4, random: new Random(2) })
  const variables = () => [...trunk.parameters.values(), ...trunk.buffers.values()].map((variable) => variable.dataSync<'float32'>().slice())
  const before = variables()
  const losses: number[] = []
  const recorder = { name: 'recorder', apply: ({ hooks }: Trainer) => void hooks.batchEnd.tapPromise({ name: 'recorder' }, async ({ loss }) => void losses.push(await loss())) }
  const trainer = new Trainer({
    scheme: isFrozen ? fineTuning({ trunk, embedder }) : undefined,
    ...(!isFrozen && { trunk, embedder }),
    dataset,
    sampler: new MPerClassSampler({ labels: dataset.labels, m: 2, batchSize: 8 }),
    objectives: [{ loss: new TripletMarginLoss({ margin: 1 }) }],
    compile,
    plugins: [recorder, isFrozen && freezing({ trunk: Infinity })],
  } as ConstructorParameters<typeof Trainer>[0])
  await trainer.train({ epochs: 1 })
  const after = variables()
  trainer.dispose()
  trunk.dispose()
  embedder.dispose()
  return { losses, before, after }
}

describe.runIf(tf.getBackend() === 'tensorflow')('Trunks in compiled training', { timeout: 300_000 }, () => {
  for (const [name, make] of Object.entries(trunks)) {
    it(`learn as in eager training, and stay as they are, bit for bit, when they are frozen: ${name}`, async () => {
      const [compiled, eager] = [await run(make, 'require', false), await run(make, false, false)]
      expect(compiled.losses.length).toBeGreaterThan(2)
      // Not to the bit: in a graph oneDNN joins convolutions with what follows them.
      compiled.losses.forEach((loss, step) => {
        expect(loss).toBeCloseTo(eager.losses[step]!, 5)
      })
      expect(compiled.after.some((values, i) => !Buffer.from(values.buffer).equals(Buffer.from(compiled.before[i]!.buffer)))).toBe(true)
      const frozen = await run(make, 'require', true)
      expect(frozen.after.every((values, i) => Buffer.from(values.buffer).equals(Buffer.from(frozen.before[i]!.buffer)))).toBe(true)
      expect(new Set(frozen.losses).size).toBeGreaterThan(1)
    })
  }
})
