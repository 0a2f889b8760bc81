import { Trainer } from '@metric-learning/core'
import { ContrastiveLoss } from '@metric-learning/losses'
import { MLP } from '@metric-learning/models'
import { MPerClassSampler } from '@metric-learning/samplers'
import { deepAdversarialMetricLearning } from '@metric-learning/schemes'
import { judged, network, type Found, type Task } from './task.js'

/** A generator learns to make negatives that the network takes for positives, and the network to tell them apart. */
export async function generatedNegatives(task: Task): Promise<Found> {
  const { train, seed, epochs } = task
  const { trunk, embedder } = network(seed)
  const generator = new MLP({ inputSize: 3 * trunk.outputSize, hiddenSizes: [64], outputSize: trunk.outputSize, seed })
  const { plugins, result } = judged(task)
  const trainer = new Trainer({
    scheme: deepAdversarialMetricLearning({
      trunk,
      embedder,
      generator,
      metric: { name: 'metric', loss: new ContrastiveLoss() },
      metricAloneEpochs: 1,
      generatorAloneEpochs: 1,
      tripletsPerAnchor: 2,
      weights: { hard: 0.1, regular: 0.1, synth: 0.1 },
    }),
    dataset: train,
    sampler: new MPerClassSampler({ labels: train.labels, m: 4, batchSize: 64 }),
    seed,
    plugins,
  })
  await trainer.train({ epochs: epochs + 1 }) // that of the generator alone
  return result()
}
