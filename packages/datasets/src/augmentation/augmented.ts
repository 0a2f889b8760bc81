import {
  DataError,
  expectFixedNumber,
  expectKnownOptions,
  expectNumber,
  OptionError,
  Random,
  type Dataset,
  type DrawPosition,
  type LabelColumn,
  type LoadedSamples,
  type Normalization,
} from '@metric-learning/contracts'
import { AugmentPool } from './augment-pool.js'

/** Cuts a window out of each image, at a place where every one is as likely. */
export interface RandomCropOptions {
  /** Height and width of the window, in pixels. Default those of the sample. */
  readonly size?: number
  /** Pixels put on each side before. Default 0. */
  readonly padding?: number
  /** Their value, 0 to 255, in all channels. Default 0. */
  readonly fill?: number
}

export interface AugmentedOptions {
  /** Default: none. */
  readonly randomCrop?: RandomCropOptions
  /** Probability, 0 to 1, that an image is flipped left to right. Default 0. */
  readonly horizontalFlip?: number
  /** What is drawn at random follows from this and from the position at which a batch is loaded. Default 0. */
  readonly seed?: number
  /** Threads that crop and flip, each one batch at a time. Default 2. */
  readonly workers?: number
}

/**
 * A dataset of images that are cropped and flipped at random when they are loaded, to train on; evaluate on the plain one.
 *
 * Draws are made for each image: top, left (with `randomCrop`), flip (with `horizontalFlip`). They follow from `seed` and the
 * position of the batch, `{ seed, epoch, batch, view }`, alone, and not from what was loaded before; without a position they
 * are those of one fixed position. Any number of views of a batch can be had. Pixels are moved by worker threads, which leave
 * the main one to the training step, and stay bytes: they become numbers on the device.
 *
 * @throws {OptionError} when an option is unknown or out of range, or none asks for anything.
 * @throws {DataError} when samples are not images, or (in `load`) no bytes.
 * @example augmented(train, { randomCrop: { padding: 4 }, horizontalFlip: 0.5, seed: 1 })
 */
export function augmented(dataset: Dataset, options: AugmentedOptions): AugmentedDataset {
  return new AugmentedDataset(dataset, options)
}

/** Where a batch is that is loaded without saying where. */
const NOWHERE: DrawPosition = { seed: 0, epoch: 0, batch: 0, view: 0 }

/** What {@link augmented} makes. Labels and label columns are those of the plain dataset. */
export class AugmentedDataset implements Dataset {
  readonly name: string
  readonly labels: Int32Array
  readonly classNames: readonly string[]
  readonly columns?: Readonly<Record<string, LabelColumn>>
  readonly views = Infinity
  /** [height, width, channels] of the window. */
  readonly sampleShape: readonly [number, number, number]
  readonly normalization?: Normalization
  readonly #seed: number
  readonly #pool: AugmentPool
  readonly #crop: Required<RandomCropOptions> | undefined
  readonly #flip: number
  /** [height, width, channels] of the plain samples. */
  readonly #plainShape: readonly [number, number, number]

  constructor(
    readonly plain: Dataset,
    options: AugmentedOptions,
  ) {
    this.#plainShape = imageShape(plain)
    checkOptions(options, this.#plainShape)
    const { randomCrop, horizontalFlip = 0, seed = 0, workers = 2 } = options
    const [height, width, channels] = this.#plainShape
    const { size } = randomCrop ?? {}
    this.name = plain.name
    this.labels = plain.labels
    this.classNames = plain.classNames
    this.sampleShape = [size ?? height, size ?? width, channels]
    if (plain.columns) this.columns = plain.columns
    if (plain.normalization) this.normalization = plain.normalization
    this.#seed = seed
    this.#pool = new AugmentPool(workers)
    this.#crop = randomCrop && { size: size ?? 0, padding: randomCrop.padding ?? 0, fill: randomCrop.fill ?? 0 }
    this.#flip = horizontalFlip
  }

  /**
   * @throws {DataError} when samples are no bytes.
   * @throws {OptionError} when a number of the position is no integer.
   */
  async load(rows: Int32Array, at: DrawPosition = NOWHERE): Promise<LoadedSamples> {
    const { padding, fill } = this.#crop ?? { padding: 0, fill: 0 }
    const placements = this.#draw(Random.at(at.seed, 'augmented', this.#seed, at.epoch, at.batch, at.view), rows.length, padding)
    const { values: pixels } = await this.plain.load(rows, at)
    if (!(pixels instanceof Uint8Array)) throw noBytes(this.plain)
    const [height, width] = this.sampleShape
    const shape = [rows.length, ...this.#plainShape] as const
    const values = await this.#pool.run({ pixels, shape, window: [height, width], padding, fill, placements })
    return { values, shape: [rows.length, ...this.sampleShape] }
  }

  /** Ends the threads; loads under way fail. Without it they end with the process. */
  dispose(): Promise<void> {
    return this.#pool.dispose()
  }

  #draw(random: Random, count: number, padding: number): Int32Array {
    const places = [0, 1].map((axis) => this.#plainShape[axis]! + 2 * padding - this.sampleShape[axis]! + 1)
    const placements = new Int32Array(3 * count)
    for (let i = 0; i < count; i++) {
      if (this.#crop) placements.set([random.int(places[0]!), random.int(places[1]!)], 3 * i)
      if (this.#flip > 0) placements[3 * i + 2] = random.uniform() < this.#flip ? 1 : 0
    }
    return placements
  }
}

function checkOptions(options: AugmentedOptions, [height, width]: readonly number[]): void {
  const who = 'augmented'
  expectKnownOptions(who, options, ['randomCrop', 'horizontalFlip', 'seed', 'workers'])
  const { randomCrop, horizontalFlip = 0, seed = 0, workers = 2 } = options
  expectFixedNumber(who, 'horizontalFlip', horizontalFlip, { min: 0, max: 1, hint: 'It is a probability.' })
  expectNumber(who, 'seed', seed, { integer: true })
  expectNumber(who, 'workers', workers, { min: 1, max: 64, integer: true })
  if (randomCrop) {
    expectKnownOptions(`${who}.randomCrop`, randomCrop, ['size', 'padding', 'fill'])
    const { size = 1, padding = 0, fill = 0 } = randomCrop
    const padded = Math.min(height!, width!) + 2 * padding
    expectNumber(who, 'randomCrop.padding', padding, { min: 0, integer: true })
    expectNumber(who, 'randomCrop.fill', fill, { min: 0, max: 255, integer: true })
    expectNumber(who, 'randomCrop.size', size, { min: 1, max: padded, integer: true, hint: 'The window has to fit into the padded image.' })
  }
  if (horizontalFlip > 0 || (randomCrop && (randomCrop.size !== undefined || randomCrop.padding))) return
  throw new OptionError({
    who,
    wanted: '`randomCrop` with a `size` or `padding`, or `horizontalFlip` above 0',
    got: 'neither',
    fix: 'Pass one of them, or use the dataset as it is.',
  })
}

function imageShape({ name, sampleShape }: Dataset): readonly [number, number, number] {
  const [height, width, channels] = sampleShape
  if (sampleShape.length === 3) return [height!, width!, channels!]
  throw new DataError({
    who: 'augmented',
    wanted: 'samples that are images, [height, width, channels]',
    got: `[${sampleShape.join(', ')}] of ${name}`,
    fix: 'Pass a dataset of images.',
  })
}

const noBytes = ({ name }: Dataset) =>
  new DataError({
    who: 'augmented',
    wanted: 'pixels as bytes (Uint8Array)',
    got: `Float32Array from ${name}`,
    fix: 'Have the dataset load bytes and give a `normalization`; they become numbers on the device.',
  })
