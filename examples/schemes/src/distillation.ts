import { Trainer } from '@metric-learning/core'
import { ArcFaceLoss, ContrastiveLoss } from '@metric-learning/losses'
import { progressLine } from '@metric-learning/progress'
import { MPerClassSampler } from '@metric-learning/samplers'
import { distillation, relationalDistance } from '@metric-learning/schemes'
import { judged, network, type Found, type Task } from './task.js'

/** A network of twice the width is trained first; then the small one learns its distances, beside its own loss. */
export async function fromTeacher(task: Task): Promise<Found> {
  const { train, seed, epochs } = task
  const sampler = new MPerClassSampler({ labels: train.labels, m: 4, batchSize: 64 })
  const teacher = network(seed + 100, 16)
  const arcFace = new ArcFaceLoss({ numClasses: train.classNames.length, embeddingSize: teacher.embedder.outputSize, scale: 7.7 })
  const teaching = new Trainer({ ...teacher, dataset: train, sampler, objectives: [{ loss: arcFace }], seed, plugins: [progressLine({ label: 'teacher' })] })
  await teaching.train({ epochs })

  const { plugins, result } = judged(task)
  const trainer = new Trainer({
    scheme: distillation({ ...network(seed), teacher }),
    dataset: train,
    sampler,
    objectives: [
      { name: 'metric', loss: new ContrastiveLoss() },
      { name: 'teacher', loss: relationalDistance(), against: 'teacherEmbeddings', weight: 10 },
    ],
    seed,
    plugins,
  })
  await trainer.train({ epochs })
  return result()
}
