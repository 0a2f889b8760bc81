import { expectBatchPosition, expectKnownOptions, expectNumber, OptionError, Random, rowsByLabel, toLabelArray, type BatchPosition, type BatchSampler, type Labels } from '@metric-learning/contracts'

export interface PairsSamplerOptions {
  /** Class of each sample of the data set. */
  readonly labels: Labels
  /** N in the paper: pairs in a batch, each of another class. At least 2. */
  readonly pairs: number
}

/**
 * Batches of N pairs, each of another class, as the N-pair loss wants them: whatever is no pair is a negative. Classes of one sample are never drawn.
 *
 * @throws {OptionError} when an option is unknown or out of range, or fewer than N classes have two samples.
 * @see Sohn 2016, Improved Deep Metric Learning with Multi-class N-pair Loss Objective.
 */
export class PairsSampler implements BatchSampler {
  readonly name = 'PairsSampler'
  readonly batchSize: number
  readonly batchesPerEpoch: number
  readonly sampleCount: number
  readonly #classes: readonly (readonly number[])[]

  constructor(options: PairsSamplerOptions) {
    expectKnownOptions(this.name, options, ['labels', 'pairs'])
    const { pairs } = options
    expectNumber(this.name, 'pairs', pairs, { min: 2, integer: true })
    const labels = toLabelArray(this.name, 'labels', options.labels)
    this.#classes = [...rowsByLabel(labels).values()].map((rows) => [...rows]).filter((rows) => rows.length > 1)
    if (this.#classes.length < pairs) {
      throw new OptionError({ who: this.name, wanted: `at least ${pairs} classes of two samples`, got: String(this.#classes.length), fix: 'Lower `pairs`.' })
    }
    this.batchSize = 2 * pairs
    this.batchesPerEpoch = Math.max(1, Math.floor(labels.length / this.batchSize))
    this.sampleCount = labels.length
  }

  batch(at: BatchPosition): Int32Array {
    expectBatchPosition(this.name, at, this.batchesPerEpoch)
    const random = Random.at(at.seed, this.name, at.epoch, at.batch)
    const drawn = random.shuffle([...this.#classes]).slice(0, this.batchSize / 2)
    return Int32Array.from(drawn.flatMap((rows) => random.shuffle([...rows]).slice(0, 2)))
  }
}
