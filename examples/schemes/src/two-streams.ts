import { Trainer } from '@metric-learning/core'
import { withPositives } from '@metric-learning/datasets'
import { ContrastiveLoss } from '@metric-learning/losses'
import { MPerClassSampler } from '@metric-learning/samplers'
import { twoStreams } from '@metric-learning/schemes'
import { judged, network, type Found, type Task } from './task.js'

/** Anchors in one stream, another drawing of each one's class in the other: 32 and 32 in a batch. */
export async function anchorsAndPositives(task: Task): Promise<Found> {
  const { train, seed, epochs } = task
  const { plugins, result } = judged(task)
  const trainer = new Trainer({
    scheme: twoStreams(network(seed)),
    dataset: withPositives(train, { seed }),
    sampler: new MPerClassSampler({ labels: train.labels, m: 1, batchSize: 32, allowUnpaired: true, lengthBeforeNewIter: train.labels.length / 2 }),
    objectives: [{ loss: new ContrastiveLoss(), against: 'otherEmbeddings' }],
    seed,
    plugins,
  })
  await trainer.train({ epochs })
  return result()
}
