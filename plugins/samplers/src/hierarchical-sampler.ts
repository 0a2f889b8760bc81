import {
  expectBatchPosition,
  expectBoolean,
  expectKnownOptions,
  expectNumber,
  LabelError,
  OptionError,
  Random,
  toLabelRows,
  type BatchPosition,
  type BatchSampler,
  type LabelRow,
  type State,
  type Stateful,
} from '@metric-learning/contracts'
import { ClassRows } from './class-rows.js'
import { binomial, combinationAt } from './combination.js'
import { drawDistinct, drawSamples } from './draw-distinct.js'
import { MadeOf } from './made-of.js'
import { Permutation } from './permutation.js'

/** Options of {@link HierarchicalSampler}. */
export interface HierarchicalSamplerOptions {
  /** The labels of each sample, as many in each row: its class, its super class, and maybe further levels. */
  readonly labels: readonly LabelRow[]
  /** Samples in a batch, a multiple of `superClassesPerBatch`. */
  readonly batchSize: number
  /** Samples of a class in a batch; `'all'`: all that there are, so that batches differ in size. */
  readonly samplesPerClass: number | 'all'
  /** Batches of each combination of super classes in an epoch. Default 4. */
  readonly batchesPerSuperTuple?: number
  /** Super classes in a batch. Default 2. */
  readonly superClassesPerBatch?: number
  /** Where in a row of labels the class is. Default 0. */
  readonly innerLabel?: number
  /** Where in a row of labels the super class is. Default 1. */
  readonly outerLabel?: number
  /**
   * Batches in an epoch: the first of the order that is drawn for it, where there are too many combinations. Default:
   * `batchesPerSuperTuple` of each.
   */
  readonly batchesPerEpoch?: number
  /** Draws with replacement from a class that has fewer than `samplesPerClass` samples, instead of refusing it. Default false. */
  readonly allowRepeats?: boolean
  /**
   * Takes super classes that can't fill their part of a batch, so that batches are smaller, and with `samplesPerClass: 'all'` classes that
   * are too large for it, which never come. Default false: both are errors.
   */
  readonly allowShort?: boolean
}

/** A super class, and the rows of its classes. */
interface SuperClass {
  readonly label: number
  readonly rows: Int32Array
  /** Rows of its classes, as positions in `rows`. */
  readonly classes: ClassRows
}

/**
 * Batches of a few super classes, such as kinds of animals, with as many samples of each, and in them `samplesPerClass` samples of each of
 * several classes: negatives of the same super class are the hard ones.
 *
 * With S super classes and k of them in a batch an epoch has `batchesPerSuperTuple` batches of each of the S! / (k! (S - k)!) combinations,
 * in an order drawn anew for each epoch, so that every super class is in as many batches as any other. Classes and samples are drawn
 * without replacement within a batch; over an epoch nothing is said of single classes and samples. With `samplesPerClass: 'all'` classes are
 * taken in random order, those that no longer fit are passed over, and `minBatchSize` says how few samples a batch can have. A batch
 * follows from seed, epoch and batch alone, in time proportional to its size and the number of super classes; with `samplesPerClass: 'all'`
 * also to the number of classes of its super classes.
 *
 * Differs from PyTorch Metric Learning's, whose trainers take its batches for single samples, in refusing super classes that can't fill
 * their part of a batch and classes with too few samples.
 *
 * Cakir et al.: Deep Metric Learning to Rank (CVPR 2019).
 *
 * @useWhen Labels have a level above classes, and classes of one super class are hard to tell apart: breeds of dogs, kinds of chairs.
 * @example
 * const breeds = Array.from({ length: 1600 }, (_, row) => row % 80)
 * const labels = breeds.map((breed) => [breed, breed % 4]) // a class and a super class for each sample
 * const sampler = new HierarchicalSampler({ labels, batchSize: 64, samplesPerClass: 4 })
 * @throws {LabelError} when labels are no rows of integers of 32 bits, a class has too few samples or too many, or a super class too few.
 * @throws {OptionError} when an option is unknown or out of range, sizes are no multiples of each other, or there are fewer super classes than a
 * batch needs.
 */
export class HierarchicalSampler implements BatchSampler, Stateful {
  readonly name = 'HierarchicalSampler'
  readonly batchSize: number
  readonly minBatchSize: number
  readonly batchesPerEpoch: number
  readonly sampleCount: number
  readonly samplesPerClass: number | 'all'
  readonly superClassesPerBatch: number
  readonly batchesPerSuperTuple: number
  readonly innerLabel: number
  readonly outerLabel: number
  readonly #superClasses: readonly SuperClass[]
  /** Samples of a super class in a batch, at most. */
  readonly #part: number
  readonly #madeOf: MadeOf
  /** Batches of all combinations. */
  readonly #allBatches: number

  constructor(options: HierarchicalSamplerOptions) {
    expectKnownOptions(this.name, options, [
      'labels', 'batchSize', 'samplesPerClass', 'batchesPerSuperTuple', 'superClassesPerBatch', 'innerLabel', 'outerLabel', 'batchesPerEpoch', 'allowRepeats', 'allowShort',
    ])
    const { batchSize, samplesPerClass, batchesPerSuperTuple = 4, superClassesPerBatch = 2, innerLabel = 0, outerLabel = 1, allowRepeats = false, allowShort = false } = options
    for (const [option, value] of Object.entries({ batchSize, batchesPerSuperTuple, superClassesPerBatch })) expectNumber(this.name, option, value, { min: 1, integer: true })
    if (samplesPerClass !== 'all') expectNumber(this.name, 'samplesPerClass', samplesPerClass, { min: 1, integer: true, hint: "Pass a number, or 'all'." })
    for (const [option, value] of Object.entries({ allowRepeats, allowShort })) expectBoolean(this.name, option, value)
    expectSizes(this.name, batchSize, samplesPerClass, superClassesPerBatch)
    const { inner, outer } = columnsOf(this.name, options.labels, { innerLabel, outerLabel })
    const superRows = new ClassRows(outer)
    this.#superClasses = Array.from(superRows.labels, (label, number) => {
      const rows = superRows.of(number)
      return { label, rows, classes: new ClassRows(rows.map((row) => inner[row]!)) }
    })
    this.#part = batchSize / superClassesPerBatch
    this.samplesPerClass = samplesPerClass
    this.superClassesPerBatch = superClassesPerBatch
    this.batchesPerSuperTuple = batchesPerSuperTuple
    this.innerLabel = innerLabel
    this.outerLabel = outerLabel
    this.sampleCount = inner.length
    this.batchSize = batchSize
    this.#expectSuperClasses()
    for (const superClass of this.#superClasses) this.#expectClasses(superClass, allowRepeats, allowShort)
    const fewest = this.#superClasses.map((superClass) => this.#fewestOf(superClass)).sort((a, b) => a - b)
    this.minBatchSize = fewest.slice(0, superClassesPerBatch).reduce((sum, samples) => sum + samples, 0)
    this.#allBatches = batchesPerSuperTuple * binomial(this.#superClasses.length, superClassesPerBatch)
    this.batchesPerEpoch = this.#checkedLength(options.batchesPerEpoch)
    const { batchesPerEpoch } = this
    this.#madeOf = new MadeOf(this.name, { classes: inner, superClasses: outer }, { batchSize, samplesPerClass, superClassesPerBatch, batchesPerSuperTuple, batchesPerEpoch })
  }

  /** What its batches follow from: checksums of the labels, and options. */
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
    const { seed, epoch, batch: number } = at
    const order = new Permutation(Random.at(seed, `${this.name} epoch`, epoch), this.#allBatches)
    const tuple = Math.floor(order.at(number) / this.batchesPerSuperTuple)
    const random = Random.at(seed, this.name, epoch, number)
    const parts = combinationAt(tuple, this.#superClasses.length, this.superClassesPerBatch).map((at) => this.#partOf(this.#superClasses[at]!, random))
    return random.shuffle(Int32Array.from(parts.flat()))
  }

  #partOf({ rows, classes }: SuperClass, random: Random): number[] {
    const { samplesPerClass } = this
    if (samplesPerClass !== 'all') {
      const count = Math.min(classes.count, this.#part / samplesPerClass)
      return drawDistinct(random, classes.count, count).flatMap((number) => drawSamples(random, classes.of(number), samplesPerClass).map((at) => rows[at]!))
    }
    const part: number[] = []
    for (const number of drawDistinct(random, classes.count, classes.count)) {
      if (part.length + classes.size(number) <= this.#part) for (const at of classes.of(number)) part.push(rows[at]!)
    }
    return part
  }

  /** No part of a batch that is of this super class has fewer samples. */
  #fewestOf({ classes }: SuperClass): number {
    if (this.samplesPerClass !== 'all') return Math.min(this.#part, classes.count * this.samplesPerClass)
    const fitting = classes.sizes.filter((size) => size <= this.#part).sort()
    const all = fitting.reduce((sum, size) => sum + size, 0)
    const [least, most] = [fitting[0]!, fitting.at(-1)!]
    // One that is passed over does not fit any more.
    return Math.min(all, Math.max(least, this.#part - most + 1))
  }

  #expectSuperClasses(): void {
    const { superClassesPerBatch } = this
    if (this.#superClasses.length >= superClassesPerBatch) return
    throw new OptionError({
      who: this.name,
      wanted: `\`superClassesPerBatch\` to be at most ${this.#superClasses.length}, as there are super classes`,
      got: String(superClassesPerBatch),
      fix: 'Lower it, or check that `outerLabel` is the column of the super classes.',
    })
  }

  #expectClasses({ label, classes }: SuperClass, allowRepeats: boolean, allowShort: boolean): void {
    const { samplesPerClass, name: who } = this
    const { sizes } = classes
    const wrong = (wanted: string, got: string, fix: string) => new LabelError({ who, wanted, got: `${got} of super class ${label}`, fix })
    if (samplesPerClass === 'all') {
      const large = sizes.findIndex((size) => size > this.#part)
      const fits = sizes.some((size) => size <= this.#part)
      if (large === -1 || (allowShort && fits)) return
      throw wrong(
        `classes of at most ${this.#part} samples, the part of a super class in a batch`,
        `${sizes[large]} of class ${classes.labels[large]}`,
        `Raise \`batchSize\`, pass a number as \`samplesPerClass\`${fits ? ', or pass `allowShort: true` to leave larger classes out' : ''}.`,
      )
    }
    const scarce = allowRepeats ? -1 : sizes.findIndex((size) => size < samplesPerClass)
    if (scarce !== -1) {
      throw wrong(
        `at least samplesPerClass = ${samplesPerClass} samples of each class`,
        `${sizes[scarce]} of class ${classes.labels[scarce]}`,
        'Lower `samplesPerClass`, leave such classes out, or pass `allowRepeats: true` to draw some samples twice.',
      )
    }
    const wanted = this.#part / samplesPerClass
    if (classes.count >= wanted || allowShort) return
    throw wrong(
      `at least ${wanted} classes in each super class, for ${this.#part} samples of it in a batch`,
      String(classes.count),
      'Lower `batchSize`, raise `samplesPerClass`, leave such super classes out, or pass `allowShort: true` for smaller batches.',
    )
  }

  #checkedLength(batchesPerEpoch: number | undefined): number {
    const all = this.#allBatches
    if (all > 2 ** 31) {
      throw new OptionError({
        who: this.name,
        wanted: 'at most 2^31 batches of combinations of super classes',
        got: `${this.superClassesPerBatch} of ${this.#superClasses.length}, ${this.batchesPerSuperTuple} batches of each`,
        fix: 'Lower `superClassesPerBatch` or `batchesPerSuperTuple`, or make fewer super classes.',
      })
    }
    if (batchesPerEpoch === undefined) return all
    expectNumber(this.name, 'batchesPerEpoch', batchesPerEpoch, { min: 1, max: all, integer: true, hint: `All combinations make ${all}; raise \`batchesPerSuperTuple\` for more.` })
    return batchesPerEpoch
  }
}

function expectSizes(who: string, batchSize: number, samplesPerClass: number | 'all', superClassesPerBatch: number): void {
  const unit = samplesPerClass === 'all' ? superClassesPerBatch : superClassesPerBatch * samplesPerClass
  if (batchSize % unit !== 0) {
    throw new OptionError({
      who,
      wanted: `\`batchSize\` to be a multiple of ${unit}: of superClassesPerBatch = ${superClassesPerBatch}${samplesPerClass === 'all' ? '' : ` times samplesPerClass = ${samplesPerClass}`}`,
      got: String(batchSize),
      fix: 'Each super class fills an equal part of a batch with whole classes.',
    })
  }
  if (batchSize === superClassesPerBatch) {
    throw new OptionError({
      who,
      wanted: 'at least two samples of each super class in a batch',
      got: `${batchSize} of ${superClassesPerBatch}: no sample will ever have a positive, of its class or of its super class`,
      fix: 'Raise `batchSize`.',
    })
  }
}

/** The columns of classes and of super classes. */
function columnsOf(
  who: string,
  labels: readonly LabelRow[],
  { innerLabel, outerLabel }: Required<Pick<HierarchicalSamplerOptions, 'innerLabel' | 'outerLabel'>>,
): { readonly inner: Int32Array; readonly outer: Int32Array } {
  const rows = toLabelRows(who, 'labels', labels)
  const width = rows[0]!.length
  for (const [option, value] of Object.entries({ innerLabel, outerLabel })) {
    expectNumber(who, option, value, { min: 0, max: width - 1, integer: true, hint: `Rows of \`labels\` have ${width} numbers: give each sample its class and its super class, such as [class, super class].` })
  }
  if (innerLabel === outerLabel) {
    throw new OptionError({ who, wanted: '`innerLabel` and `outerLabel` to differ', got: String(innerLabel), fix: 'Name the column of the classes and that of the super classes.' })
  }
  const column = (at: number) => Int32Array.from(rows, (row) => row[at]!)
  return { inner: column(innerLabel), outer: column(outerLabel) }
}
