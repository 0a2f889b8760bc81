import { useBackend } from '@metric-learning/backend'
import { Adam, Random, Trainer, type Plugin } from '@metric-learning/core'
import { quickDraw, spritePng } from '@metric-learning/datasets'
import { ConvNet, Embedder } from '@metric-learning/models'
import { MPerClassSampler } from '@metric-learning/samplers'
import { tensorBoard } from '@metric-learning/tensorboard'
import { GlobalEmbeddingSpaceTester } from '@metric-learning/testers'
import { objectiveOf } from './src/objective.js'

await useBackend('auto')
const [train, heldOut] = [await quickDraw({ split: 'train' }), await quickDraw({ split: 'test' })]
const logSamples: Plugin = {
  name: 'samples',
  apply(trainer) {
    trainer.hooks.epochStart.tapPromise({ name: 'samples' }, async ({ step }) => {
      const rows = Int32Array.from({ length: 144 }, (_, i) => i * 20 + Math.floor(step / 382) * 7).filter((r) => r < train.labels.length)
      const png = await spritePng(train, rows, 28)
      const side = Buffer.from(png).readUInt32BE(16)
      trainer.log({ kind: 'image', tag: 'train/samples', step, image: { png, width: side, height: side } })
    })
  },
}
for (const name of ['triplet', 'arcface'] as const) {
  const random = new Random(0)
  const trunk = new ConvNet({ inputChannels: 1, width: 16, random })
  const embedder = new Embedder({ inputSize: trunk.outputSize, embeddingSize: 64, random })
  const objective = objectiveOf(name, { numClasses: train.classNames.length, embeddingSize: 64, seed: 0 })
  const trainer = new Trainer({
    trunk, embedder, dataset: train,
    sampler: new MPerClassSampler({ labels: train.labels, m: 4, batchSize: 64 }),
    objectives: [objective], trunkOptimizer: new Adam({ learningRate: 1e-3 }), embedderOptimizer: new Adam({ learningRate: 1e-3 }), seed: 0,
    plugins: [logSamples, new GlobalEmbeddingSpaceTester({ splits: { heldOut } }), tensorBoard({ folder: `/tmp/runs/${name}`, everySteps: 20, sprites: { draw: spritePng, tile: 28 } })],
  })
  const t = Date.now()
  await trainer.train({ epochs: 3 })
  console.log(name, (Date.now() - t) / 1000)
}
