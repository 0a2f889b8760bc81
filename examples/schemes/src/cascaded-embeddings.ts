import { Trainer, type Objective } from '@metric-learning/core'
import { ContrastiveLoss } from '@metric-learning/losses'
import { HDCMiner } from '@metric-learning/miners'
import { MPerClassSampler } from '@metric-learning/samplers'
import { cascadedEmbeddings } from '@metric-learning/schemes'
import { judged, network, type Found, type Task } from './task.js'

/** An embedding in two parts; the second learns from the harder half of the pairs that the first one learned from. */
export async function cascade(task: Task): Promise<Found> {
  const { train, seed, epochs } = task
  const loss = () => new ContrastiveLoss()
  const objectives: readonly Objective[] = [
    { name: 'easy', loss: loss(), of: 'embeddings0', miner: new HDCMiner({ filterPercentage: 1 }) },
    { name: 'harder', loss: loss(), of: 'embeddings1', miner: new HDCMiner({ filterPercentage: 0.5 }), mineAmong: 'easy' },
  ]
  const { plugins, result } = judged(task)
  const trainer = new Trainer({
    scheme: cascadedEmbeddings({ ...network(seed), embeddingSizes: [32, 32] }),
    dataset: train,
    sampler: new MPerClassSampler({ labels: train.labels, m: 4, batchSize: 64 }),
    objectives,
    seed,
    plugins,
  })
  await trainer.train({ epochs })
  return result()
}
