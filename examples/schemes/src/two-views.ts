import type { Loss } from '@metric-learning/contracts'
import { Trainer } from '@metric-learning/core'
import { augmented } from '@metric-learning/datasets'
import { NTXentLoss, SelfSupervisedLoss, VICRegLoss } from '@metric-learning/losses'
import { MPerClassSampler } from '@metric-learning/samplers'
import { twoViews } from '@metric-learning/schemes'
import { judged, network, type Found, type Task } from './task.js'

/** Two views of each drawing, cropped and flipped anew, and no labels: as in SimCLR. */
export const simCLR = (task: Task): Promise<Found> => fromViews(task, new SelfSupervisedLoss({ loss: new NTXentLoss({ temperature: 0.2 }) }))

/** The same with VICReg, which needs no negatives. */
export const vicReg = (task: Task): Promise<Found> => fromViews(task, new VICRegLoss())

async function fromViews(task: Task, loss: Loss): Promise<Found> {
  const { train, seed, epochs } = task
  const views = augmented(train, { randomCrop: { padding: 4 }, horizontalFlip: 0.5, seed })
  const { plugins, result } = judged(task)
  const trainer = new Trainer({
    scheme: twoViews(network(seed)),
    dataset: views,
    // One drawing of a class, for its views are the only pairs.
    sampler: new MPerClassSampler({ labels: train.labels, m: 1, batchSize: 64, allowUnpaired: true }),
    objectives: [{ loss, against: 'otherEmbeddings' }],
    seed,
    plugins,
  })
  await trainer.train({ epochs })
  await views.dispose()
  return result()
}
