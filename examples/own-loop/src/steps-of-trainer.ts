import { checkpoints } from '@metric-learning/checkpoints'
import type { Dataset } from '@metric-learning/contracts'
import { Adam, Trainer } from '@metric-learning/core'
import { TripletMarginLoss } from '@metric-learning/losses'
import { MultiSimilarityMiner } from '@metric-learning/miners'
import { ConvNet, Embedder } from '@metric-learning/models'
import { jsonLines } from '@metric-learning/progress'
import { MPerClassSampler } from '@metric-learning/samplers'
import { GlobalEmbeddingSpaceTester } from '@metric-learning/testers'

export interface LoopOptions {
  readonly train: Dataset
  /** Classes that training never sees. */
  readonly heldOut: Dataset
  /** Where the run is kept; one that is there goes on. */
  readonly folder: string
  /** Steps in all, those of before included. */
  readonly steps: number
  readonly say: (line: string) => void
}

/** The loop is one's own, the steps are the trainer's: compiled, logged, evaluated, saved. Gives the weights of the trunk's first layer and the best metrics. */
export async function stepsOfTrainer({ train, heldOut, folder, steps, say }: LoopOptions) {
  const trunk = new ConvNet({ inputChannels: train.sampleShape[2]!, width: 8, blocks: 3, seed: 0 })
  const embedder = new Embedder({ inputSize: trunk.outputSize, embeddingSize: 32, seed: 1 })
  const optimizers = { trunk: new Adam({ learningRate: 1e-3 }), embedder: new Adam({ learningRate: 1e-3 }) }
  const tester = new GlobalEmbeddingSpaceTester({ splits: { heldOut } })
  const sampler = new MPerClassSampler({ labels: train.labels, m: 4, batchSize: 16 })
  const trainer = new Trainer({
    trunk,
    embedder,
    dataset: train,
    sampler,
    objectives: [{ loss: new TripletMarginLoss({ margin: 0.05 }), miner: new MultiSimilarityMiner() }],
    optimizers,
    plugins: [tester, jsonLines({ file: `${folder}/log.jsonl` }), checkpoints({ folder: `${folder}/checkpoints`, everyEpochs: 1, resume: true, say })],
  })
  try {
    for await (const { step, epoch, stepInEpoch, loss } of trainer.steps({ epochs: Math.ceil(steps / sampler.batchesPerEpoch) })) {
      // Reads the device, so not in each step.
      if (step % 10 === 1) say(`epoch ${epoch}, step ${stepInEpoch}: loss ${(await loss()).toFixed(4)}`)
      if (step % 100 === 0) optimizers.trunk.learningRate *= 0.5
      // Leaving the loop ends the run as trainer.stop() does: files are closed, a checkpoint is saved.
      if (step >= steps) break
    }
    return { weights: [...(await trainer.parameters.get('trunk.blocks.0.conv.weight')!.data())], best: tester.best }
  } finally {
    trainer.dispose()
    for (const made of [trunk, embedder, optimizers.trunk, optimizers.embedder]) made.dispose()
  }
}
