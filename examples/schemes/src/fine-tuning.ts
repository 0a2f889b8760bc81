import { Adam, Trainer } from '@metric-learning/core'
import { ContrastiveLoss } from '@metric-learning/losses'
import { Embedder } from '@metric-learning/models'
import { progressLine } from '@metric-learning/progress'
import { MPerClassSampler } from '@metric-learning/samplers'
import { freezing } from '@metric-learning/schedules'
import { fineTuning } from '@metric-learning/schemes'
import { judged, network, turnedDrawings, type Found, type Task } from './task.js'

/** A trunk that knows upright drawings learns turned ones of 50 other classes: first a new embedder alone, then the upper blocks, slowly. */
export async function fromUpright(task: Task): Promise<Found> {
  const { seed, epochs } = task
  const { known, fresh, heldOut } = turnedDrawings(task)
  const sampler = (labels: Int32Array) => new MPerClassSampler({ labels, m: 4, batchSize: 64 })
  const { trunk, embedder: former } = network(seed)
  const objectives = () => [{ loss: new ContrastiveLoss() }]
  const before = new Trainer({ trunk, embedder: former, dataset: known, sampler: sampler(known.labels), objectives: objectives(), seed, plugins: [progressLine({ label: 'before' })] })
  await before.train({ epochs: epochs + 1 })
  before.dispose() // the trunk is free for another trainer

  const embedder = new Embedder({ inputSize: trunk.outputSize, embeddingSize: 64, seed: 2 * seed + 1 })
  const longer = { ...task, heldOut, epochs: 2 * epochs } // of 31 steps each: with few classes, more of them lead away from what the trunk knows
  const { plugins, result } = judged(longer)
  const trainer = new Trainer({
    scheme: fineTuning({ trunk, embedder }),
    dataset: fresh,
    sampler: sampler(fresh.labels),
    objectives: objectives(),
    optimizers: {
      trunk: new Adam({ learningRate: 2e-4 }),
      'trunk.blocks.3': new Adam({ learningRate: 5e-4 }),
      embedder: new Adam({ learningRate: 1e-3 }),
    },
    seed,
    plugins: [...plugins, freezing({ trunk: 1, 'trunk.blocks.0': Infinity })],
  })
  await trainer.train({ epochs: longer.epochs })
  return result()
}
