import * as tf from '@tensorflow/tfjs-core'
import { Random, type BatchSampler, type Dataset, type Loss, type Module } from '@metric-learning/contracts'
import { SGD, Trainer, type Plugin, type TrainerOptions } from '@metric-learning/core'
import { asRelations } from '@metric-learning/ops'

const CLASSES = 4
const SIZE = 6
const BATCH = 8

/** Steps in an epoch of a {@link ToyRun}. */
export const TOY_STEPS = 4

/** Options of the trainer, its parts apart. */
export type ToyOptions = Pick<TrainerOptions, 'plugins' | 'compile'>

/**
 * The least that trains and logs everything: a linear trunk and embedder, a loss with a centre for each class, {@link TOY_STEPS}
 * steps an epoch, and a tester that judges a split `val` by `precisionAt1`. Runs that are made alike train alike.
 */
export class ToyRun {
  readonly trainer: Trainer
  readonly #optimizers = [0.01, 0.01, 0.01].map((learningRate) => new SGD({ learningRate }))
  readonly #modules = [linear('trunk', SIZE, 5, 1), linear('embedder', 5, 3, 2)] as const
  readonly #centres = tf.tidy(() => tf.variable(tf.zeros([CLASSES, 3])))

  constructor({ plugins = [], compile = false }: ToyOptions) {
    const dataset = clusters()
    const [trunk, embedder] = this.#modules
    const [ofTrunk, ofEmbedder, ofLoss] = this.#optimizers
    try {
      this.trainer = new Trainer({
        trunk,
        embedder,
        dataset,
        sampler: everyRow,
        objectives: [{ loss: centreLoss(this.#centres), optimizer: ofLoss! }],
        optimizers: { trunk: ofTrunk!, embedder: ofEmbedder! },
        seed: 3,
        logEverySteps: 2,
        compile,
        plugins: [...plugins, toyTester(dataset)],
      })
    } catch (error) {
      this.#free()
      throw error
    }
  }

  train(epochs: number): Promise<void> {
    return this.trainer.train({ epochs })
  }

  /** The values of all parameters, by name. */
  values(): ReadonlyMap<string, Float32Array> {
    return new Map([...this.trainer.parameters].map(([name, variable]) => [name, variable.dataSync().slice() as Float32Array]))
  }

  dispose(): void {
    this.trainer.dispose()
    this.#free()
  }

  #free(): void {
    for (const one of [...this.#optimizers, ...this.#modules, this.#centres]) one.dispose()
  }
}

/** Points around one random centre a class. */
function clusters(): Dataset {
  const random = new Random(11)
  const centres = Array.from({ length: CLASSES * SIZE }, () => random.normal())
  const labels = Int32Array.from({ length: BATCH * TOY_STEPS }, (_, row) => row % CLASSES)
  const values = Float32Array.from({ length: labels.length * SIZE }, (_, i) => centres[labels[Math.floor(i / SIZE)]! * SIZE + (i % SIZE)]! + 0.5 * random.normal())
  return {
    name: 'clusters',
    labels,
    classNames: ['a', 'b', 'c', 'd'],
    sampleShape: [SIZE],
    load: (rows) =>
      Promise.resolve({
        values: Float32Array.from({ length: rows.length * SIZE }, (_, i) => values[rows[Math.floor(i / SIZE)]! * SIZE + (i % SIZE)]!),
        shape: [rows.length, SIZE],
      }),
  }
}

/** Every row once an epoch, in a random order. */
const everyRow: BatchSampler = {
  name: 'everyRow',
  batchSize: BATCH,
  batchesPerEpoch: TOY_STEPS,
  batch: ({ seed, epoch, batch }) => Random.at(seed, 'everyRow', epoch).shuffle(Int32Array.from({ length: BATCH * TOY_STEPS }, (_, row) => row)).slice(batch * BATCH, (batch + 1) * BATCH),
}

/** x → x · weight. */
function linear(name: string, inputs: number, outputs: number, seed: number): Module {
  const random = new Random(seed)
  const initial = Float32Array.from({ length: inputs * outputs }, () => random.normal() / Math.sqrt(inputs))
  const weight = tf.tidy(() => tf.variable(tf.tensor2d(initial, [inputs, outputs])))
  return {
    name,
    parameters: new Map([['weight', weight as tf.Variable]]),
    buffers: new Map(),
    outputSize: outputs,
    call: (x) => tf.matMul(x as tf.Tensor2D, weight as tf.Tensor2D),
    dispose: () => {
      weight.dispose()
    },
  }
}

/** Mean squared distance of each sample to the learnable centre of its class. */
const centreLoss = (centres: tf.Variable): Loss => ({
  name: 'centre',
  parameters: new Map([['centres', centres]]),
  compute: (embeddings, labels) => tf.mean(tf.square(tf.sub(embeddings, tf.gather(centres, asRelations(labels!).queryLabelTensor)))),
})

/** Finds a number that goes up from epoch to epoch. */
const toyTester = (dataset: Dataset): Plugin => ({
  name: 'toyTester',
  apply({ hooks }) {
    hooks.evaluate.tap({ name: 'toyTester' }, ({ epoch }) => {
      const { labels } = dataset
      const embeddings = Float32Array.from({ length: labels.length * 2 }, (_, i) => (labels[Math.floor(i / 2)]! + 1) * ((i % 2) + 1))
      const split = { name: 'val', dataset, embeddings, labels, dim: 2 }
      return { tester: 'toyTester', metrics: { val: { precisionAt1: 1 - 1 / (epoch + 2) } }, splits: [split], isBest: true, seconds: 0 }
    })
  },
})
