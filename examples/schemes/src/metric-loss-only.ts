import { Adam, Trainer } from '@metric-learning/core'
import { ContrastiveLoss } from '@metric-learning/losses'
import { MPerClassSampler } from '@metric-learning/samplers'
import type { Dataset } from '@metric-learning/contracts'
import { judged, network, type Found, type Task } from './task.js'

/** Trunk, embedder, and a loss of the embeddings: the default scheme, which the others are compared with. */
export async function metricLossOnly(task: Omit<Task, 'train'> & { readonly train: Dataset }): Promise<Found> {
  const { train, seed, epochs } = task
  const { trunk, embedder } = network(seed)
  const { plugins, result } = judged(task)
  const trainer = new Trainer({
    trunk,
    embedder,
    dataset: train,
    sampler: new MPerClassSampler({ labels: train.labels, m: 4, batchSize: 64 }),
    objectives: [{ loss: new ContrastiveLoss() }],
    optimizers: { trunk: new Adam({ learningRate: 1e-3 }), embedder: new Adam({ learningRate: 1e-3 }) },
    seed,
    plugins,
  })
  await trainer.train({ epochs })
  return result()
}
