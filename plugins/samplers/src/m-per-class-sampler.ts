import {
  expectBatchPosition,
  expectBoolean,
  expectKnownOptions,
  expectNumber,
  expectOneOf,
  LabelError,
  OptionError,
  Random,
  toLabelArray,
  type BatchPosition,
  type BatchSampler,
  type Labels,
  type State,
  type Stateful,
} from '@metric-learning/contracts'
import { ClassRows } from './class-rows.js'
import { CoveringEpochs, type EpochPlan } from './covering-epochs.js'
import { drawDistinct, drawSamples } from './draw-distinct.js'
import { MadeOf } from './made-of.js'
import { Permutation } from './permutation.js'

/** Options of {@link MPerClassSampler}. */
export interface MPerClassSamplerOptions {
  /** Class of each sample of the dataset. */
  readonly labels: Labels
  /** Samples of a class in a batch. */
  readonly m: number
  /** Samples in a batch, a multiple of m. Default: m of every class, so that a batch is a pass over all classes. */
  readonly batchSize?: number
  /**
   * `'random'`: every batch is drawn anew, from all classes and all samples; within an epoch some samples come several times and others
   * not at all. `'all'`: every sample comes in every epoch. Default `'random'`.
   */
  readonly coverage?: 'all' | 'random'
  /**
   * Samples in an epoch of `coverage: 'random'`, of which whole batches are made. Default: as many as the dataset has. With `coverage:
   * 'all'` the length follows.
   */
  readonly lengthBeforeNewIter?: number
  /**
   * Whether all batches have `batchSize` samples. What is left at the end of an epoch is then left out (`'random'`), or made up with classes
   * that come again (`'all'`). False: last batches may have fewer classes, but no fewer than two, and m samples of each in any
   * case; batches of two classes are whole. Default true.
   */
  readonly dropLast?: boolean
  /** Draws with replacement from a class that has fewer than m samples, instead of refusing it. Default false. */
  readonly allowRepeats?: boolean
  /**
   * Takes m = 1, with which no sample of a batch has a positive, and batches of one class, in which none has a negative: right for losses
   * over classes, for memories and for several views. Default false.
   */
  readonly allowUnpaired?: boolean
}

/**
 * Batches of `batchSize / m` different classes, with m samples of each, drawn without replacement. The samples of a class stand next
 * to each other. What is drawn follows from seed, epoch and batch alone.
 *
 * With `coverage: 'all'` a class of s samples comes ceil(s / m) times an epoch, each time with the next m samples of an order that is drawn
 * anew for each epoch. Every sample comes once; those that come a second time make up for what a class has short of a multiple of m, and for
 * what batches have short of `batchSize`. An epoch has max(most times of a class, ceil(all times / classes of a batch)) batches: where one
 * class is much larger than the others, these come again until it is through. The first batch of an epoch plans the whole of it, in time
 * proportional to samples / m; all others, and all of `'random'`, take time proportional to the batch.
 *
 * Differs from PyTorch Metric Learning's in the default length of an epoch (there 100,000), in refusing small classes, m = 1 and batches
 * of one class, and in that without `batchSize` an epoch is never shorter than one batch.
 *
 * @useWhen The first choice for losses over pairs and triplets: every anchor finds m - 1 positives, and negatives of many classes.
 * @example
 * const labels = Array.from({ length: 3200 }, (_, row) => row % 32) // those of a data set: dataset.labels
 * const sampler = new MPerClassSampler({ labels, m: 4, batchSize: 64 })
 * const rows = sampler.batch({ seed: 0, epoch: 1, batch: 0 }) // 16 classes, 4 samples of each
 * @throws {LabelError} when there are no labels, one is not an integer of 32 bits, or a class has fewer than m samples.
 * @throws {OptionError} when an option is unknown or out of range, `batchSize` is no multiple of m or needs more classes than there are, an
 * epoch would be shorter than a batch, or no sample would ever have a positive, or a negative.
 */
export class MPerClassSampler implements BatchSampler, Stateful {
  readonly name = 'MPerClassSampler'
  readonly batchSize: number
  readonly minBatchSize: number
  readonly batchesPerEpoch: number
  readonly sampleCount: number
  /** Samples of a class in a batch. */
  readonly m: number
  readonly coverage: 'all' | 'random'
  readonly #rows: ClassRows
  readonly #madeOf: MadeOf
  readonly #covering: CoveringEpochs | undefined
  /** The epoch that was planned last: it follows from its position, and is kept for its other batches. */
  #planned: { readonly seed: number; readonly epoch: number; readonly plan: EpochPlan } | undefined

  constructor(options: MPerClassSamplerOptions) {
    expectKnownOptions(this.name, options, ['labels', 'm', 'batchSize', 'coverage', 'lengthBeforeNewIter', 'dropLast', 'allowRepeats', 'allowUnpaired'])
    const { labels, m, coverage = 'random', dropLast = true, allowRepeats = false, allowUnpaired = false } = options
    expectNumber(this.name, 'm', m, { min: 1, integer: true })
    expectOneOf(this.name, 'coverage', coverage, ['random', 'all'])
    for (const [option, value] of Object.entries({ dropLast, allowRepeats, allowUnpaired })) expectBoolean(this.name, option, value)
    const checked = toLabelArray(this.name, 'labels', labels)
    this.#rows = new ClassRows(checked)
    if (!allowRepeats) expectEnoughSamples(this.name, this.#rows, m)
    this.m = m
    this.coverage = coverage
    this.sampleCount = labels.length

    const { batchSize = m * this.#rows.count, lengthBeforeNewIter = labels.length } = options
    expectNumber(this.name, 'batchSize', batchSize, { min: 1, integer: true })
    expectNumber(this.name, 'lengthBeforeNewIter', lengthBeforeNewIter, { min: 1, max: Number.MAX_SAFE_INTEGER, integer: true })
    expectBatch(this.name, batchSize, m, this.#rows.count)
    if (!allowUnpaired) expectPairs(this.name, batchSize, m)
    if (coverage === 'all') {
      if (options.lengthBeforeNewIter !== undefined) throw lengthOfAll(this.name, lengthBeforeNewIter)
      const times = this.#rows.sizes.map((size) => Math.ceil(size / m))
      // One less than two classes would be a batch without negatives.
      const isFilledUp = dropLast || (batchSize === 2 * m && !allowUnpaired)
      this.#covering = new CoveringEpochs(times, batchSize / m, isFilledUp)
      this.batchSize = this.#covering.most * m
      this.minBatchSize = this.#covering.least * m
      this.batchesPerEpoch = this.#covering.batches
    } else {
      if (options.batchSize !== undefined && lengthBeforeNewIter < batchSize) throw shortEpoch(this.name, batchSize, lengthBeforeNewIter)
      const whole = Math.max(1, Math.floor(lengthBeforeNewIter / batchSize))
      const rest = Math.floor(Math.max(0, lengthBeforeNewIter - whole * batchSize) / m) * m
      const isWorthIt = !dropLast && rest >= (allowUnpaired ? m : 2 * m)
      this.batchSize = batchSize
      this.minBatchSize = isWorthIt ? rest : batchSize
      this.batchesPerEpoch = isWorthIt ? whole + 1 : whole
    }
    const { minBatchSize, batchesPerEpoch } = this
    this.#madeOf = new MadeOf(this.name, { labels: checked }, { m, batchSize: this.batchSize, minBatchSize, batchesPerEpoch, coverage })
  }

  /** What its batches follow from: a checksum of the labels, and options. */
  state(): State {
    return this.#madeOf.state()
  }

  /** @throws {StateError} when that is of a sampler with other labels or options, which draws other batches; names what differs. */
  restore(state: State): void {
    this.#madeOf.restore(state)
  }

  /** @throws {OptionError} when that is no position: seed or epoch is no integer, epochs count from 1, or the epoch does not have that batch. */
  batch(at: BatchPosition): Int32Array {
    expectBatchPosition(this.name, at, this.batchesPerEpoch)
    return this.#covering ? this.#covered(this.#covering, at) : this.#drawn(at)
  }

  #drawn({ seed, epoch, batch: number }: BatchPosition): Int32Array {
    const random = Random.at(seed, this.name, epoch, number)
    const batch = new Int32Array(number < this.batchesPerEpoch - 1 ? this.batchSize : this.minBatchSize)
    drawDistinct(random, this.#rows.count, batch.length / this.m).forEach((label, i) => {
      batch.set(drawSamples(random, this.#rows.of(label), this.m), i * this.m)
    })
    return batch
  }

  #covered(covering: CoveringEpochs, { seed, epoch, batch: number }: BatchPosition): Int32Array {
    const { classes, portions } = this.#planOf(covering, seed, epoch)
    const [from, end] = covering.placesOf(number)
    const batch = new Int32Array((end - from) * this.m)
    for (let place = from, i = 0; place < end; place++) {
      const rows = this.#rows.of(classes[place]!)
      const order = new Permutation(Random.at(seed, `${this.name} class`, epoch, classes[place]!), rows.length)
      const first = portions[place]! * this.m
      for (let j = 0; j < this.m; j++) batch[i++] = rows[order.at((first + j) % rows.length)]!
    }
    return batch
  }

  #planOf(covering: CoveringEpochs, seed: number, epoch: number): EpochPlan {
    if (this.#planned?.seed !== seed || this.#planned.epoch !== epoch) {
      this.#planned = { seed, epoch, plan: covering.plan(Random.at(seed, `${this.name} epoch`, epoch)) }
    }
    return this.#planned.plan
  }
}

function expectEnoughSamples(who: string, rows: ClassRows, m: number): void {
  const scarce = Array.from(rows.sizes.keys()).filter((number) => rows.size(number) < m)
  const [first] = scarce
  if (first === undefined) return
  const named = scarce.slice(0, 3).map((number) => `${rows.size(number)} of class ${rows.labels[number]}`)
  const others = scarce.length > named.length ? ` (and ${scarce.length - named.length} more such classes)` : ''
  throw new LabelError({
    who,
    wanted: `at least m = ${m} samples of each class`,
    got: `${named.join(', ')}${others}`,
    fix:
      rows.size(first) === 1
        ? 'Leave classes of one sample out, for it has no positive; `allowRepeats: true` draws it m times, and then it is its own.'
        : 'Lower `m`, leave these classes out, or pass `allowRepeats: true` to draw some samples twice.',
  })
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

/** A batch in which no pair is a positive one, or none a negative one, is a mistake more often than not, and fails in silence. */
function expectPairs(who: string, batchSize: number, m: number): void {
  const fix = (mend: string) => `${mend}; or pass \`allowUnpaired: true\` where that is meant: for a loss over classes, a memory, or several views.`
  if (m === 1) {
    throw new OptionError({
      who,
      wanted: '`m` to be at least 2',
      got: '1: no sample of a batch will ever have a positive',
      fix: fix('Pass `m: 2` or more'),
    })
  }
  if (batchSize === m) {
    throw new OptionError({
      who,
      wanted: `batches of at least two classes, ${2 * m} samples`,
      got: `${batchSize}: one class, so that no sample will ever have a negative`,
      fix: fix('Pass a larger `batchSize`, and labels of more than one class'),
    })
  }
}

const shortEpoch = (who: string, batchSize: number, length: number): OptionError =>
  new OptionError({
    who,
    wanted: `\`lengthBeforeNewIter\` to be at least one batch of ${batchSize}`,
    got: String(length),
    fix: 'Lengthen the epoch, or lower `batchSize`.',
  })

const lengthOfAll = (who: string, length: number): OptionError =>
  new OptionError({
    who,
    wanted: "no `lengthBeforeNewIter` with `coverage: 'all'`, where the length of an epoch follows",
    got: String(length),
    fix: "Leave it out (`batchesPerEpoch` says how many batches that makes), or take `coverage: 'random'`.",
  })
