import {
  expectBatchPosition,
  expectBoolean,
  expectKnownOptions,
  expectNumber,
  LabelError,
  OptionError,
  Random,
  toLabelArray,
  type BatchPosition,
  type BatchSampler,
  type Labels,
  type State,
  type Stateful,
  type TripletIndices,
} from '@metric-learning/contracts'
import { ClassRows } from './class-rows.js'
import { drawDistinct } from './draw-distinct.js'
import { MadeOf } from './made-of.js'
import { Permutation } from './permutation.js'

/** 1.6 GB of row numbers. */
const largestSet = 2 ** 27

/** Options of {@link FixedSetOfTriplets}. */
export interface FixedSetOfTripletsOptions {
  /** Class of each sample of the dataset. */
  readonly labels: Labels
  /** Triplets in the set, and so in an epoch. */
  readonly numTriplets: number
  /** Samples in a batch, a multiple of 3. */
  readonly batchSize: number
  /** What the set follows from, whatever the seed of a run. Default 0. */
  readonly seed?: number
  /** Leaves out what is left of an epoch after its whole batches. False: it is a last, smaller batch. Default true. */
  readonly dropLast?: boolean
}

/**
 * Batches of triplets of a set that is drawn once: rows anchor, positive, negative, anchor, positive, negative, …, in an order of triplets
 * that is drawn anew for each epoch. Each triplet comes once an epoch, but for those that `dropLast` leaves out.
 *
 * A triplet is drawn from all classes with at least two samples as the anchor's, then from all others as the negative's, then from the
 * samples of these classes; anchor and positive are never the same sample. A triplet may come more than once in the set. To train on these
 * triplets alone take a miner that packs each three rows into a triplet; without one a loss takes all triplets of a batch that labels allow.
 *
 * Differs from PyTorch Metric Learning's, which makes an anchor its own positive where its class has one sample.
 *
 * @useWhen Methods should be compared on the same triplets, or few comparisons are all that is to be learnt from.
 * @example
 * const labels = Array.from({ length: 3200 }, (_, row) => row % 32)
 * const sampler = new FixedSetOfTriplets({ labels, numTriplets: 10_000, batchSize: 48 })
 * const miner = new EmbeddingsAlreadyPackagedAsTriplets() // takes these triplets, and no others
 * @throws {LabelError} when there are no labels, one is not an integer of 32 bits, there is one class only, or no class has two samples.
 * @throws {OptionError} when an option is unknown or out of range, or `batchSize` is no multiple of 3 or more than an epoch has.
 */
export class FixedSetOfTriplets implements BatchSampler, Stateful {
  readonly name = 'FixedSetOfTriplets'
  readonly batchSize: number
  readonly minBatchSize: number
  readonly batchesPerEpoch: number
  readonly sampleCount: number
  readonly numTriplets: number
  /** What the set follows from. */
  readonly seed: number
  /** Three rows a triplet: int32 [3 numTriplets]. */
  readonly #rows: Int32Array
  readonly #madeOf: MadeOf

  constructor(options: FixedSetOfTripletsOptions) {
    expectKnownOptions(this.name, options, ['labels', 'numTriplets', 'batchSize', 'seed', 'dropLast'])
    const { numTriplets, batchSize, seed = 0, dropLast = true } = options
    expectNumber(this.name, 'numTriplets', numTriplets, { min: 1, max: largestSet, integer: true, hint: 'The set is held in memory, three rows a triplet.' })
    expectNumber(this.name, 'batchSize', batchSize, { min: 3, max: 3 * numTriplets, integer: true, hint: `${numTriplets} triplets have ${3 * numTriplets} samples: lower \`batchSize\`, or raise \`numTriplets\`.` })
    expectNumber(this.name, 'seed', seed, { integer: true })
    expectBoolean(this.name, 'dropLast', dropLast)
    if (batchSize % 3 !== 0) {
      throw new OptionError({ who: this.name, wanted: '`batchSize` to be a multiple of 3', got: String(batchSize), fix: 'A batch holds `batchSize / 3` whole triplets.' })
    }
    const labels = toLabelArray(this.name, 'labels', options.labels)
    this.#rows = drawTriplets(this.name, new ClassRows(labels), numTriplets, seed)
    const rest = (3 * numTriplets) % batchSize
    this.numTriplets = numTriplets
    this.seed = seed
    this.sampleCount = labels.length
    this.batchSize = batchSize
    this.minBatchSize = dropLast || rest === 0 ? batchSize : rest
    this.batchesPerEpoch = dropLast ? Math.floor((3 * numTriplets) / batchSize) : Math.ceil((3 * numTriplets) / batchSize)
    const { batchesPerEpoch } = this
    this.#madeOf = new MadeOf(this.name, { labels }, { numTriplets, batchSize, batchesPerEpoch, seed })
  }

  /** What its batches follow from: a checksum of the labels, and options. */
  state(): State {
    return this.#madeOf.state()
  }

  /** @throws {StateError} when that is of a sampler with other labels or options, which draws other batches; names what differs. */
  restore(state: State): void {
    this.#madeOf.restore(state)
  }

  /** The set, as rows of the dataset. */
  get triplets(): TripletIndices {
    const every = (part: number) => Int32Array.from({ length: this.numTriplets }, (_, i) => this.#rows[3 * i + part]!)
    return { anchor: every(0), positive: every(1), negative: every(2) }
  }

  /** @throws {OptionError} when that is no position: seed or epoch is no integer, epochs count from 1, or the epoch does not have that batch. */
  batch(at: BatchPosition): Int32Array {
    expectBatchPosition(this.name, at, this.batchesPerEpoch)
    const { seed, epoch, batch: number } = at
    const order = new Permutation(Random.at(seed, `${this.name} epoch`, epoch), this.numTriplets)
    const first = (number * this.batchSize) / 3
    const end = Math.min(this.numTriplets, first + this.batchSize / 3)
    const batch = new Int32Array(3 * (end - first))
    for (let place = first; place < end; place++) {
      const triplet = order.at(place)
      batch.set(this.#rows.subarray(3 * triplet, 3 * triplet + 3), 3 * (place - first))
    }
    return batch
  }
}

function drawTriplets(who: string, rows: ClassRows, count: number, seed: number): Int32Array {
  const paired = Int32Array.from(rows.labels.keys()).filter((number) => rows.size(number) > 1)
  if (rows.count < 2 || paired.length === 0) {
    throw new LabelError({
      who,
      wanted: 'two classes or more, and two samples of at least one of them',
      got: rows.count < 2 ? `class ${rows.labels[0]} alone` : `${rows.count} classes of one sample each`,
      fix: rows.count < 2 ? 'Add samples of another class: a triplet has a negative.' : 'Add samples to some class: a triplet has a positive.',
    })
  }
  const random = Random.at(seed, who)
  const drawn = new Int32Array(3 * count)
  for (let triplet = 0; triplet < count; triplet++) {
    const own = paired[random.int(paired.length)]!
    const other = (own + 1 + random.int(rows.count - 1)) % rows.count
    const [anchor, positive] = drawDistinct(random, rows.size(own), 2) as [number, number]
    const negative = random.int(rows.size(other))
    drawn.set([rows.of(own)[anchor]!, rows.of(own)[positive]!, rows.of(other)[negative]!], 3 * triplet)
  }
  return drawn
}
