import { expectBatchPosition, expectKnownOptions, expectNumber, Random, rowsByLabel, toLabelArray, type BatchPosition, type BatchSampler, type Labels } from '@metric-learning/contracts'

export interface ExampleSamplerOptions {
  /** Class of each sample of the data set: integers. */
  readonly labels: Labels
  /** Samples in a batch, at least 1. */
  readonly batchSize: number
  /** q in the formula: 0 draws all classes alike, 1 all samples alike. From 0 to 1. Default 0. */
  readonly exponent?: number
}

/**
 * Draws a class, then one of its samples, for each place of a batch. A class of n samples is drawn with probability
 *
 *     nᵠ / Σ nᵠ, the sum over all classes
 *
 * An epoch has as many batches as the data set fills. Batches follow from seed, epoch and batch alone.
 *
 * Kang et al. 2020, Decoupling Representation and Classifier, eq. 1. (Put your own rule here, and where it is from.)
 *
 * @throws {OptionError} when an option is unknown, missing or out of range.
 * @throws {LabelError} when there are no labels, or one is no integer.
 */
export class ExampleSampler implements BatchSampler {
  readonly name = 'ExampleSampler'
  readonly batchSize: number
  readonly batchesPerEpoch: number
  readonly sampleCount: number
  readonly exponent: number
  readonly #classes: readonly (readonly number[])[]
  /** At each class, the sum of nᵠ up to and with it. */
  readonly #bounds: readonly number[]

  constructor(options: ExampleSamplerOptions) {
    expectKnownOptions(this.name, options, ['labels', 'batchSize', 'exponent'])
    const { batchSize, exponent = 0 } = options
    expectNumber(this.name, 'batchSize', batchSize, { min: 1, integer: true })
    expectNumber(this.name, 'exponent', exponent, { min: 0, max: 1 })
    const labels = toLabelArray(this.name, 'labels', options.labels)
    this.batchSize = batchSize
    this.batchesPerEpoch = Math.max(1, Math.floor(labels.length / batchSize))
    this.sampleCount = labels.length
    this.exponent = exponent
    this.#classes = [...rowsByLabel(labels).values()].map((rows) => [...rows])
    let sum = 0
    this.#bounds = this.#classes.map((rows) => (sum += rows.length ** exponent))
  }

  /** @throws {OptionError} when that is no position, or the epoch does not have that batch. */
  batch(at: BatchPosition): Int32Array {
    expectBatchPosition(this.name, at, this.batchesPerEpoch)
    const random = Random.at(at.seed, this.name, at.epoch, at.batch)
    return Int32Array.from({ length: this.batchSize }, () => {
      const drawn = random.uniform() * this.#bounds.at(-1)!
      const rows = this.#classes[this.#bounds.findIndex((bound) => drawn < bound)]!
      return rows[random.int(rows.length)]!
    })
  }
}
