import { Adam, Trainer } from '@metric-learning/core'
import { quickDraw } from '@metric-learning/datasets'
import { InferenceModel } from '@metric-learning/inference'
import { NTXentLoss } from '@metric-learning/losses'
import { progressLine } from '@metric-learning/progress'
import { MPerClassSampler } from '@metric-learning/samplers'
import type { Gallery } from './gallery.js'
import { drawingNetworks } from './saved-search.js'

export interface TrainModelOptions {
  /** Where the model goes. */
  readonly folder: string
  readonly gallery: Gallery
  /** Of the gallery, to be found again. */
  readonly drawingsPerClass: number
  readonly epochs: number
}

/** Trains a small network on drawings of 245 classes, makes the gallery its references, and saves all of it. */
export async function trainModel({ folder, gallery, drawingsPerClass, epochs }: TrainModelOptions): Promise<void> {
  const dataset = await quickDraw({ split: 'train' })
  const { trunk, embedder } = drawingNetworks()
  const trainer = new Trainer({
    trunk,
    embedder,
    dataset,
    sampler: new MPerClassSampler({ labels: dataset.labels, m: 4, batchSize: 64 }),
    objectives: [{ loss: new NTXentLoss({ temperature: 0.1 }) }],
    optimizers: { trunk: new Adam({ learningRate: 0.001 }), embedder: new Adam({ learningRate: 0.001 }) },
    plugins: [progressLine({ label: 'training' })],
  })
  await trainer.train({ epochs })
  trainer.dispose()
  const model = new InferenceModel({ trunk, embedder, normalization: dataset.normalization })
  await model.fit(gallery.dataset, { keys: gallery.keys })
  await model.save(folder, { notes: { drawingsPerClass } })
  model.dispose()
  for (const part of [trunk, embedder]) part.dispose()
}
