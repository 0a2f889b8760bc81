// One way of taking a batch, in a process of its own: `large-batch-turn.ts REQUEST`, with a LargeBatchRequest as JSON, prints a
// LargeBatchTurn as JSON. On the CPU.
import { useBackend } from '@metric-learning/backend'
import { Random } from '@metric-learning/contracts'
import { Adam, Trainer, type Objective } from '@metric-learning/core'
import { ArcFaceLoss, ContrastiveLoss, CrossBatchMemory, MultiSimilarityLoss } from '@metric-learning/losses'
import { MultiSimilarityMiner } from '@metric-learning/miners'
import { Embedder } from '@metric-learning/models'
import { median, residentMemory, runMain } from '@metric-learning/peer'
import { noise, trunkOf } from '../trainer-of.js'
import type { LargeBatchLoss, LargeBatchRequest, LargeBatchTurn } from './large-batch-page.js'

const { loss, batch, chunkSize, steps } = JSON.parse(process.argv[2]!) as LargeBatchRequest
/** Steps before time is taken: they capture. */
const warmUp = 2
const embeddingSize = 64

const objectives: Readonly<Record<LargeBatchLoss, () => Objective>> = {
  arcface: () => ({ loss: new ArcFaceLoss({ numClasses: Math.ceil(batch / 4), embeddingSize }), optimizer: new Adam({ learningRate: 1e-2 }) }),
  'multi-similarity': () => ({ loss: new MultiSimilarityLoss(), miner: new MultiSimilarityMiner() }),
  memory: () => ({ loss: new CrossBatchMemory({ loss: new ContrastiveLoss(), embeddingSize, memorySize: 8192 }) }),
}

await runMain(async () => {
  await useBackend('native-cpu', { log: () => undefined })
  const baseMiB = residentMemory('now')
  const random = new Random(0)
  const trunk = trunkOf('convnet-32', 1, random)
  const trainer = new Trainer({
    trunk,
    embedder: new Embedder({ inputSize: trunk.outputSize, embeddingSize, random }),
    dataset: noise(batch, 28, 1),
    sampler: { name: 'everything', batchSize: batch, batchesPerEpoch: warmUp + steps, batch: () => Int32Array.from({ length: batch }, (_, row) => row) },
    objectives: [objectives[loss]()],
    compile: 'require',
    prefetch: 1,
    ...(chunkSize && { chunkSize }),
  })
  const times: number[] = []
  let before = process.cpuUsage()
  for await (const step of trainer.steps({ epochs: 1 })) {
    await step.loss()
    const { user, system } = process.cpuUsage(before)
    if (step.stepInEpoch > warmUp) times.push((user + system) / 1000)
    before = process.cpuUsage()
  }
  trainer.dispose()
  process.stdout.write(`${JSON.stringify({ milliseconds: median(times), baseMiB, peakMiB: residentMemory('peak') } satisfies LargeBatchTurn)}\n`)
})
