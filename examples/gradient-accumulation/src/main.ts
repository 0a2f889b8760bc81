// `npm run try -- examples/gradient-accumulation/src/main.ts`: batches of 256 drawings, 64 at a time.
import { useBackend } from '@metric-learning/backend'
import { SGD, Trainer } from '@metric-learning/core'
import { quickDraw } from '@metric-learning/datasets'
import { NormalizedSoftmaxLoss } from '@metric-learning/losses'
import { ConvNet, Embedder } from '@metric-learning/models'
import { progressLine } from '@metric-learning/progress'
import { MPerClassSampler } from '@metric-learning/samplers'
import { GlobalEmbeddingSpaceTester } from '@metric-learning/testers'
import { accumulateGradients } from './accumulate-gradients.js'

await useBackend('auto')
const train = await quickDraw({ split: 'train', samplesPerClass: 40 })
const heldOut = await quickDraw({ split: 'test' })

const trunk = new ConvNet({ inputChannels: 1, width: 16, seed: 0 })
const embedder = new Embedder({ inputSize: trunk.outputSize, embeddingSize: 64, seed: 1 })
const rate = { learningRate: 0.1, momentum: 0.9 }
const loss = new NormalizedSoftmaxLoss({ numClasses: train.classNames.length, embeddingSize: 64 })
const accumulation = accumulateGradients({ every: 4, maxNorm: 1 })
const tester = new GlobalEmbeddingSpaceTester({ splits: { heldOut } })
const trainer = new Trainer({
  trunk,
  embedder,
  dataset: train,
  sampler: new MPerClassSampler({ labels: train.labels, m: 1, batchSize: 64, allowUnpaired: true }),
  objectives: [{ loss, optimizer: new SGD(rate) }],
  optimizers: { trunk: new SGD(rate), embedder: new SGD(rate) },
  plugins: [accumulation, tester, progressLine()],
})
await trainer.train({ epochs: 3 })
console.log(tester.best)
trainer.dispose()
accumulation.dispose()
