import type { Dataset, Loss } from '@metric-learning/contracts'
import { Adam, Trainer } from '@metric-learning/core'
import { ContrastiveLoss, CrossBatchMemory } from '@metric-learning/losses'
import { ConvNet, Embedder } from '@metric-learning/models'
import { MPerClassSampler } from '@metric-learning/samplers'
import { GlobalEmbeddingSpaceTester } from '@metric-learning/testers'

const embeddingSize = 64

export interface TrainWithMemoryOptions {
  readonly train: Dataset
  /** Classes that training never sees. */
  readonly heldOut: Dataset
  /** Embeddings of earlier batches that each batch is compared with; 0 = the batch with itself alone. */
  readonly memorySize: number
  /** Samples in a batch, two of each class. */
  readonly batchSize: number
  readonly epochs: number
  readonly seed: number
}

/** Trains with a contrastive loss on small batches. Gives the precision at 1 on held-out classes after the last epoch. */
export async function trainWithMemory({ train, heldOut, memorySize, batchSize, epochs, seed }: TrainWithMemoryOptions): Promise<number> {
  const sampler = new MPerClassSampler({ labels: train.labels, m: 2, batchSize })
  const pairs = new ContrastiveLoss()
  // Embeddings of the first epoch change too fast to be remembered.
  const memory = memorySize > 0 ? new CrossBatchMemory({ loss: pairs, embeddingSize, memorySize, warmUp: sampler.batchesPerEpoch }) : undefined
  const loss: Loss = memory ?? pairs
  const trunk = new ConvNet({ inputChannels: 1, width: 16, seed: 2 * seed })
  const embedder = new Embedder({ inputSize: trunk.outputSize, embeddingSize, seed: 2 * seed + 1 })
  const tester = new GlobalEmbeddingSpaceTester({ splits: { heldOut }, everyEpochs: epochs })
  let precision = NaN
  const trainer = new Trainer({
    trunk,
    embedder,
    dataset: train,
    sampler,
    objectives: [{ loss }],
    optimizers: { trunk: new Adam({ learningRate: 0.001 }), embedder: new Adam({ learningRate: 0.001 }) },
    seed,
    plugins: [
      tester,
      {
        name: 'last precision',
        apply({ hooks }) {
          hooks.evalEnd.tap({ name: 'last precision' }, ({ metrics }) => {
            precision = metrics['heldOut']!['precisionAt1']!
          })
        },
      },
    ],
  })
  await trainer.train({ epochs })
  trainer.dispose()
  for (const part of [trunk, embedder, memory]) part?.dispose()
  return precision
}
