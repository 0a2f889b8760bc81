import {
  expectKnownOptions,
  expectNumber,
  LabelError,
  OptionError,
  Random,
  rowsByLabel,
  toLabelArray,
  type BatchPosition,
  type BatchSampler,
  type Labels,
} from '@metric-learning/contracts'
import { drawDistinct } from './draw-distinct.js'

/** Options of {@link MPerClassSampler}. */
export interface MPerClassSamplerOptions {
  /** Class of each sample of the dataset. */
  readonly labels: Labels
  /** Samples of a class in a batch. */
  readonly m: number
  /** Samples in a batch, a multiple of m. Default: m of every class, so that a batch is a pass over all classes. */
  readonly batchSize?: number
  /** Samples in an epoch, rounded down to whole batches. Default: as many as the dataset has. */
  readonly lengthBeforeNewIter?: number
  /** Draws with replacement from a class that has fewer than m samples, instead of refusing it. Default false. */
  readonly allowRepeats?: boolean
}

/**
 * Batches of `batchSize / m` classes drawn at random, with m samples of each, drawn without
 * replacement. The samples of a class stand next to each other.
 *
 * Every batch is drawn anew, from all classes and all samples: within an epoch some samples come
 * several times and others not at all. What is drawn follows from seed, epoch and batch alone. Differs from PyTorch Metric Learning's in the default length
 * of an epoch (there 100,000), in refusing small classes, and in that without `batchSize` an epoch
 * is never shorter than one batch.
 *
 * @throws {LabelError} when there are no labels, one is not an integer of 32 bits, or a class has fewer than m samples.
 * @throws {OptionError} when an option is unknown or out of range, `batchSize` is no multiple of m
 * or needs more classes than there are, or an epoch would be shorter than a batch.
 */
export class MPerClassSampler implements BatchSampler {
  readonly name = 'MPerClassSampler'
  readonly batchSize: number
  readonly batchesPerEpoch: number
  readonly sampleCount: number
  /** Samples of a class in a batch. */
  readonly m: number
  readonly #rowsOfClass: readonly (readonly number[])[]

  constructor(options: MPerClassSamplerOptions) {
    expectKnownOptions(this.name, options, ['labels', 'm', 'batchSize', 'lengthBeforeNewIter', 'allowRepeats'])
    const { labels, m, allowRepeats = false } = options
    expectNumber(this.name, 'm', m, { min: 1, integer: true })
    const classes = [...rowsByLabel(toLabelArray(this.name, 'labels', labels))].sort(([a], [b]) => a - b)
    if (!allowRepeats) expectEnoughSamples(this.name, classes, m)
    this.m = m
    this.sampleCount = labels.length
    this.#rowsOfClass = classes.map(([, rows]) => rows)

    const pass = m * classes.length
    const { batchSize = pass, lengthBeforeNewIter = labels.length } = options
    expectNumber(this.name, 'batchSize', batchSize, { min: 1, integer: true })
    expectNumber(this.name, 'lengthBeforeNewIter', lengthBeforeNewIter, { min: 1, integer: true })
    expectBatch(this.name, batchSize, m, classes.length)
    if (options.batchSize !== undefined && lengthBeforeNewIter < batchSize) {
      throw new OptionError({
        who: this.name,
        wanted: `\`lengthBeforeNewIter\` to be at least one batch of ${batchSize}`,
        got: String(lengthBeforeNewIter),
        fix: 'Lengthen the epoch, or lower `batchSize`.',
      })
    }
    this.batchSize = batchSize
    this.batchesPerEpoch = Math.max(1, Math.floor(lengthBeforeNewIter / batchSize))
  }

  /** @throws {OptionError} when seed, epoch or batch is no integer. */
  batch({ seed, epoch, batch: number }: BatchPosition): Int32Array {
    const random = Random.at(seed, this.name, epoch, number)
    const batch = new Int32Array(this.batchSize)
    drawDistinct(random, this.#rowsOfClass.length, this.batchSize / this.m).forEach((label, i) => {
      batch.set(this.#samples(random, this.#rowsOfClass[label]!), i * this.m)
    })
    return batch
  }

  #samples(random: Random, rows: readonly number[]): number[] {
    if (rows.length >= this.m) return drawDistinct(random, rows.length, this.m).map((at) => rows[at]!)
    return Array.from({ length: this.m }, () => rows[random.int(rows.length)]!)
  }
}

function expectEnoughSamples(who: string, classes: readonly (readonly [label: number, rows: readonly number[]])[], m: number): void {
  const scarce = classes.filter(([, rows]) => rows.length < m)
  if (scarce.length > 0) {
    const [label, rows] = scarce[0]!
    const others = scarce.length > 1 ? ` (and ${scarce.length - 1} more such classes)` : ''
    throw new LabelError({
      who,
      wanted: `at least m = ${m} samples of each class`,
      got: `${rows.length} of class ${label}${others}`,
      fix: 'Lower `m`, leave these classes out, or pass `allowRepeats: true` to draw some samples twice.',
    })
  }
}

function expectBatch(who: string, batchSize: number, m: number, classes: number): void {
  if (batchSize % m !== 0 || batchSize > m * classes) {
    throw new OptionError({
      who,
      wanted: `\`batchSize\` to be a multiple of m = ${m}, at most ${m * classes} for ${classes} classes`,
      got: String(batchSize),
      fix: 'A batch holds `batchSize / m` different classes.',
    })
  }
}
