import type { Dataset } from '@metric-learning/contracts'
import type { Plugin } from '@metric-learning/core'
import { quickDraw, splitClasses, type ImageDataset } from '@metric-learning/datasets'
import { ConvNet, Embedder } from '@metric-learning/models'
import { progressLine } from '@metric-learning/progress'
import { GlobalEmbeddingSpaceTester } from '@metric-learning/testers'

/** What an example trains on, and for how long. */
export interface Task {
  readonly train: ImageDataset
  /** Classes that training never sees. */
  readonly heldOut: Dataset
  readonly seed: number
  readonly epochs: number
}

/** Metrics on the classes that training never sees, of the network as it was made, and at the end. */
export interface Found {
  readonly untrained: Readonly<Record<string, number | null>>
  readonly trained: Readonly<Record<string, number | null>>
}

/** 245 classes of 40 drawings each to train on, 100 others of 20 each to judge by; an epoch is 153 batches of 64. */
export async function drawings(seed: number): Promise<Task> {
  return { train: await quickDraw({ split: 'train', samplesPerClass: 40 }), heldOut: await quickDraw({ split: 'test' }), seed, epochs: 2 }
}

/** Upright drawings of most classes, known before; turned ones of the last 50 classes, to learn from; those held out, turned, to judge by. */
export function turnedDrawings({ train, heldOut }: Task) {
  const { train: known, test: others } = splitClasses(train, { trainClasses: train.classNames.length - 50 })
  return { known, fresh: turned(others), heldOut: turned(heldOut) }
}

/** Each drawing turned by a quarter. */
const turned = (dataset: Dataset): Dataset => ({
  ...dataset,
  labels: dataset.labels,
  classNames: dataset.classNames,
  async load(rows, at) {
    const { values, shape } = await dataset.load(rows, at)
    const [, height, width] = shape as [number, number, number]
    const place = (i: number) => Math.floor(i / (height * width)) * height * width + (i % width) * width + (height - 1 - (Math.floor(i / width) % height))
    return { values: values.map((_, i) => values[place(i)]!), shape }
  },
})

/** ConvNet-4 and embeddings of 64 numbers. */
export function network(seed: number, width = 8) {
  const trunk = new ConvNet({ inputChannels: 1, width, seed: 2 * seed })
  return { trunk, embedder: new Embedder({ inputSize: trunk.outputSize, embeddingSize: 64, seed: 2 * seed + 1 }) }
}

/** Judges a run before the first epoch and after the last one, and shows how far it is. */
export function judged({ heldOut, epochs }: Pick<Task, 'heldOut' | 'epochs'>) {
  const found: Found['trained'][] = []
  const keep: Plugin = {
    name: 'keep',
    apply({ hooks }) {
      hooks.evalEnd.tap({ name: 'keep' }, ({ metrics }) => {
        found.push(metrics['heldOut']!)
      })
    },
  }
  const tester = new GlobalEmbeddingSpaceTester({ splits: { heldOut }, everyEpochs: epochs })
  const result = (): Found => ({ untrained: found[0]!, trained: found.at(-1)! })
  return { plugins: [tester, progressLine(), keep], result }
}
