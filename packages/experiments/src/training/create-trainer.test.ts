import { fileURLToPath } from 'node:url'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { checkedExperiment } from '../configuration/read-configuration.js'
import { toyData } from '../toy-data.fixture.js'
import { createTrainer } from './create-trainer.js'

const { train } = toyData()
const base = {
  name: 'toys',
  data: './toy-data.fixture.ts#toyData',
  trunk: { ConvNet: { width: 2, blocks: 2 } },
  embedder: { Embedder: { embeddingSize: 4 } },
  sampler: { MPerClassSampler: { m: 2, batchSize: 8 } },
  epochs: 1,
  methods: { T: { objectives: [{ loss: 'TripletMarginLoss' }] } },
}
const folder = fileURLToPath(new URL('..', import.meta.url))

async function made(configuration: object, seed = 0) {
  const { configuration: checked, registry } = await checkedExperiment({ ...base, ...configuration }, { who: 'test', folder })
  return createTrainer(checked, 'T', { registry, train, splits: { heldOut: train }, seed })
}

describe('createTrainer', () => {
  it('trains what a configuration says, and frees all of it', async () => {
    const before = tf.memory().numTensors
    const created = await made({
      optimizers: { trunk: { SGD: { learningRate: 0.1 } }, embedder: 'AdamW' },
      schedules: [{ of: 'trunk', shape: { warmUp: { shape: { cosine: { tMax: 4 } }, totalIters: 2 } }, by: 'epoch' }],
      plugins: [{ clipGradients: { maxNorm: 1 } }],
      augmentation: { randomCrop: { padding: 1 } },
      methods: {
        T: {
          scheme: { trainWithClassifier: { classifier: { MLP: { hiddenSizes: [] } } } },
          objectives: [
            { loss: { CrossBatchMemory: { loss: 'ContrastiveLoss', memorySize: 16 } }, miner: 'MultiSimilarityMiner', weight: 0.5 },
            { loss: 'ArcFaceLoss', optimizer: { Adam: { learningRate: 0.01 } } },
            { loss: 'CrossEntropyLoss', of: 'logits' },
          ],
        },
      },
    })
    await created.trainer.train({ epochs: 1 })
    expect(created.trainer.step).toBe(12)
    expect([...created.trainer.optimizers].map(([name, optimizer]) => `${name}: ${optimizer.constructor.name}`)).toEqual(expect.arrayContaining(['trunk: SGD', 'embedder: AdamW', 'losses.ArcFaceLoss: Adam']))
    expect(created.testers[0]!.best).toBeDefined()
    await created.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  it('draws networks of the seed, the same ones for every method that begins with them', async () => {
    const first = async (configuration: object, seed?: number) => {
      const created = await made(configuration, seed)
      const values = created.embedder!.parameters.get('weight')!.dataSync().slice()
      await created.dispose()
      return values
    }
    const own = await first({})
    expect(await first({ methods: { T: { objectives: [{ loss: 'ArcFaceLoss' }] } } })).toEqual(own)
    expect(await first({}, 1)).not.toEqual(own)
  })

  it('leaves nothing behind when a part refuses, and says where it stands', async () => {
    const before = tf.memory().numTensors
    await expect(made({ sampler: { MPerClassSampler: { m: 2, batchSize: 9 } } })).rejects.toThrow(/\(in sampler\.MPerClassSampler\)/)
    await expect(made({ methods: { T: { sampler: { MPerClassSampler: { m: 99 } }, objectives: [{ loss: 'ArcFaceLoss' }] } } })).rejects.toThrow(/\(in methods\.T\.sampler\.MPerClassSampler\)/)
    await expect(made({ weights: '/nowhere.safetensors' })).rejects.toThrow(/nowhere\.safetensors.*\(in weights\)/)
    await expect(made({ metric: 'precisionAtOne' })).rejects.toThrow(/`primaryMetric` to be .*'precisionAt1'.*\(in testers\.0\)/)
    expect(tf.memory().numTensors).toBe(before)
  })
})
