import { Trainer } from '@metric-learning/core'
import { ContrastiveLoss, CrossEntropyLoss } from '@metric-learning/losses'
import { MLP } from '@metric-learning/models'
import { MPerClassSampler } from '@metric-learning/samplers'
import { trainWithClassifier } from '@metric-learning/schemes'
import { judged, network, type Found, type Task } from './task.js'

/** The same loss, and a classifier of the embeddings beside it. */
export async function withClassifier(task: Task): Promise<Found> {
  const { train, seed, epochs } = task
  const { trunk, embedder } = network(seed)
  const numClasses = train.classNames.length
  const classifier = new MLP({ inputSize: embedder.outputSize, hiddenSizes: [], outputSize: numClasses, seed })
  const { plugins, result } = judged(task)
  const trainer = new Trainer({
    scheme: trainWithClassifier({ trunk, embedder, classifier }),
    dataset: train,
    sampler: new MPerClassSampler({ labels: train.labels, m: 4, batchSize: 64 }),
    objectives: [
      { name: 'metric', loss: new ContrastiveLoss() },
      { name: 'classes', loss: new CrossEntropyLoss({ numClasses }), of: 'logits', weight: 0.5 },
    ],
    seed,
    plugins,
  })
  await trainer.train({ epochs })
  return result()
}
