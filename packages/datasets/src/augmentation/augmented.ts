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
import type { AugmentBatch } from './augment-batch.js'
import { AugmentPool } from './augment-pool.js'
import { erasedBox, jitterOf, resizedCrop, type Jitter, type Range } from './random-draws.js'

/** Cuts a window out of each image, at a place where every one is as likely. */
export interface RandomCropOptions {
  /** Height and width of the window, in pixels. Default those of the sample. */
  readonly size?: number
  /** Pixels put on each side before. Default 0. */
  readonly padding?: number
  /** Their value, 0 to 255, in all channels. Default 0. */
  readonly fill?: number
}

/** torchvision's RandomResizedCrop: a window of random size and aspect, scaled (bilinear, with antialias). */
export interface RandomResizedCropOptions {
  /** Height and width of what comes out, in pixels. Default those of the sample. */
  readonly size?: number
  /** Area of the window as a part of the image's, from and to. Default [0.08, 1]. */
  readonly scale?: Range
  /** Width / height of the window, from and to. Default [3 / 4, 4 / 3]. */
  readonly ratio?: Range
}

/** torchvision's ColorJitter: in random order, each by a factor of its own. Grey images have no saturation and no hue. */
export interface ColorJitterOptions {
  /** x ← f · x, f from max(0, 1 - brightness) to 1 + brightness. Default 0. */
  readonly brightness?: number
  /** x ← f · x + (1 - f) · the mean grey value of the image. Default 0. */
  readonly contrast?: number
  /** x ← f · x + (1 - f) · the grey value of the pixel, 0.2989 R + 0.587 G + 0.114 B. Default 0. */
  readonly saturation?: number
  /** The hue is turned by a part of the circle from -hue to hue; at most 0.5. Default 0. */
  readonly hue?: number
}

/** torchvision's RandomErasing: a box of the image becomes one value. */
export interface RandomErasingOptions {
  /** Probability, 0 to 1. Default 0.5. */
  readonly p?: number
  /** Area of the box as a part of the image's, from and to. Default [0.02, 0.33]. */
  readonly scale?: Range
  /** Height / width of the box, from and to. Default [0.3, 3.3]. */
  readonly ratio?: Range
  /** 0 to 255, in all channels. Default 0. */
  readonly value?: number
}

export interface AugmentedOptions {
  /** Default: none. */
  readonly randomCrop?: RandomCropOptions
  /** Instead of `randomCrop`. Default: none. */
  readonly randomResizedCrop?: RandomResizedCropOptions
  /** Probability, 0 to 1, that an image is flipped left to right. Default 0. */
  readonly horizontalFlip?: number
  /** Default: none. */
  readonly colorJitter?: ColorJitterOptions
  /** Default: none. */
  readonly randomErasing?: RandomErasingOptions
  /** What is drawn at random follows from this and from the position at which a batch is loaded. Default 0. */
  readonly seed?: number
  /** Threads that do it, each one batch at a time. Default 2. */
  readonly workers?: number
}

/**
 * A dataset of images that are changed at random when they are loaded, to train on; evaluate on the plain one. In this order: a window is cut
 * out, it is flipped, its colours are changed, a box of it is erased.
 *
 * Draws are made for each image, in that order, of what is asked for. They follow from `seed` and the
 * position of the batch, `{ seed, epoch, batch, view }`, alone, and not from what was loaded before; without a position they
 * are those of one fixed position. Any number of views of a batch can be had. Pixels are moved by worker threads, which leave
 * the main one to the training step, and stay bytes: they become numbers on the device.
 *
 * @throws {OptionError} when an option is unknown or out of range, or none asks for anything.
 * @throws {DataError} when samples are not images, or (in `load`) no bytes.
 * @example augmented(train, { randomResizedCrop: {}, horizontalFlip: 0.5, colorJitter: { brightness: 0.4, hue: 0.1 } })
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
  readonly #resizedCrop: Required<Pick<RandomResizedCropOptions, 'scale' | 'ratio'>> | undefined
  readonly #flip: number
  readonly #jitter: Jitter | undefined
  readonly #erasing: Required<RandomErasingOptions> | undefined
  /** [height, width, channels] of the plain samples. */
  readonly #plainShape: readonly [number, number, number]

  constructor(
    readonly plain: Dataset,
    options: AugmentedOptions,
  ) {
    this.#plainShape = imageShape(plain)
    checkOptions(options, this.#plainShape)
    const { randomCrop, randomResizedCrop, horizontalFlip = 0, colorJitter, randomErasing, seed = 0, workers = 2 } = options
    const [height, width, channels] = this.#plainShape
    const { size } = randomCrop ?? randomResizedCrop ?? {}
    this.name = plain.name
    this.labels = plain.labels
    this.classNames = plain.classNames
    this.sampleShape = [size ?? height, size ?? width, channels]
    if (plain.columns) this.columns = plain.columns
    if (plain.normalization) this.normalization = plain.normalization
    this.#seed = seed
    this.#pool = new AugmentPool(workers)
    this.#crop = randomCrop && { size: size ?? 0, padding: randomCrop.padding ?? 0, fill: randomCrop.fill ?? 0 }
    this.#resizedCrop = randomResizedCrop && { scale: CROP_SCALE, ratio: CROP_RATIO, ...randomResizedCrop }
    this.#flip = horizontalFlip
    this.#jitter = colorJitter && { brightness: 0, contrast: 0, saturation: 0, hue: 0, ...colorJitter }
    this.#erasing = randomErasing && { ...ERASING, ...randomErasing }
  }

  /**
   * @throws {DataError} when samples are no bytes.
   * @throws {OptionError} when a number of the position is no integer.
   */
  async load(rows: Int32Array, at: DrawPosition = NOWHERE): Promise<LoadedSamples> {
    const { padding, fill } = this.#crop ?? { padding: 0, fill: 0 }
    const drawn = this.#draw(Random.at(at.seed, 'augmented', this.#seed, at.epoch, at.batch, at.view), rows.length, padding)
    const { values: pixels } = await this.plain.load(rows, at)
    if (!(pixels instanceof Uint8Array)) throw noBytes(this.plain)
    const [height, width] = this.sampleShape
    const shape = [rows.length, ...this.#plainShape] as const
    const values = await this.#pool.run({ pixels, shape, window: [height, width], padding, fill, ...drawn })
    return { values, shape: [rows.length, ...this.sampleShape] }
  }

  /** Ends the threads; loads under way fail. Without it they end with the process. */
  dispose(): Promise<void> {
    return this.#pool.dispose()
  }

  #draw(random: Random, count: number, padding: number): Pick<AugmentBatch, 'placements' | 'jitter' | 'erased' | 'erasedValue'> {
    const [height, width] = this.#plainShape
    const [rows, columns] = this.sampleShape
    const [resized, jitter, erasing] = [this.#resizedCrop, this.#jitter, this.#erasing]
    const placements = new Int32Array(5 * count)
    const jitters = jitter && new Float64Array(8 * count)
    const erased = erasing && new Int32Array(4 * count)
    for (let i = 0; i < count; i++) {
      if (resized) placements.set(resizedCrop(random, height, width, resized.scale, resized.ratio), 5 * i)
      else if (this.#crop) placements.set([random.int(height + 2 * padding - rows + 1), random.int(width + 2 * padding - columns + 1), rows, columns], 5 * i)
      else placements.set([0, 0, rows, columns], 5 * i)
      if (this.#flip > 0) placements[5 * i + 4] = random.uniform() < this.#flip ? 1 : 0
      if (jitter) jitters!.set(jitterOf(random, jitter), 8 * i)
      if (erasing && random.uniform() < erasing.p) erased!.set(erasedBox(random, rows, columns, erasing.scale, erasing.ratio) ?? [], 4 * i)
    }
    return { placements, erasedValue: erasing?.value ?? 0, ...(jitters && { jitter: jitters }), ...(erased && { erased }) }
  }
}

const CROP_SCALE: Range = [0.08, 1]
const CROP_RATIO: Range = [3 / 4, 4 / 3]
const ERASING: Required<RandomErasingOptions> = { p: 0.5, scale: [0.02, 0.33], ratio: [0.3, 3.3], value: 0 }

function checkOptions(options: AugmentedOptions, [height, width]: readonly number[]): void {
  const who = 'augmented'
  expectKnownOptions(who, options, ['randomCrop', 'randomResizedCrop', 'horizontalFlip', 'colorJitter', 'randomErasing', 'seed', 'workers'])
  const { randomCrop, randomResizedCrop, horizontalFlip = 0, colorJitter, randomErasing, seed = 0, workers = 2 } = options
  expectFixedNumber(who, 'horizontalFlip', horizontalFlip, { min: 0, max: 1, hint: 'It is a probability.' })
  expectNumber(who, 'seed', seed, { integer: true })
  expectNumber(who, 'workers', workers, { min: 1, max: 64, integer: true })
  if (randomCrop && randomResizedCrop) {
    throw new OptionError({ who, wanted: '`randomCrop` or `randomResizedCrop`', got: 'both', fix: 'Leave one of them out.' })
  }
  if (randomCrop) {
    expectKnownOptions(`${who}.randomCrop`, randomCrop, ['size', 'padding', 'fill'])
    const { size = 1, padding = 0, fill = 0 } = randomCrop
    const padded = Math.min(height!, width!) + 2 * padding
    expectNumber(who, 'randomCrop.padding', padding, { min: 0, integer: true })
    expectNumber(who, 'randomCrop.fill', fill, { min: 0, max: 255, integer: true })
    expectNumber(who, 'randomCrop.size', size, { min: 1, max: padded, integer: true, hint: 'The window has to fit into the padded image.' })
  }
  if (randomResizedCrop) {
    expectKnownOptions(`${who}.randomResizedCrop`, randomResizedCrop, ['size', 'scale', 'ratio'])
    const { size = 1, scale = CROP_SCALE, ratio = CROP_RATIO } = randomResizedCrop
    expectNumber(who, 'randomResizedCrop.size', size, { min: 1, max: 4096, integer: true })
    expectRange('randomResizedCrop.scale', scale, 1)
    expectRange('randomResizedCrop.ratio', ratio, Infinity)
  }
  const jitters = colorJitter ? checkJitter(colorJitter) : false
  if (randomErasing) checkErasing(randomErasing)
  const isCropped = randomResizedCrop !== undefined || randomCrop?.size !== undefined || (randomCrop?.padding ?? 0) > 0
  if (isCropped || horizontalFlip > 0 || jitters || (randomErasing && randomErasing.p !== 0)) return
  throw new OptionError({
    who,
    wanted: '`randomCrop` with a `size` or `padding`, `randomResizedCrop`, `horizontalFlip` above 0, `colorJitter` or `randomErasing`',
    got: 'nothing that changes an image',
    fix: 'Pass one of them, or use the dataset as it is.',
  })
}

/** Whether it changes anything. */
function checkJitter(colorJitter: ColorJitterOptions): boolean {
  expectKnownOptions('augmented.colorJitter', colorJitter, ['brightness', 'contrast', 'saturation', 'hue'])
  const amounts = Object.entries(colorJitter)
  for (const [name, amount] of amounts) expectFixedNumber('augmented', `colorJitter.${name}`, amount as number, { min: 0, max: name === 'hue' ? 0.5 : 255 })
  return amounts.some(([, amount]) => amount !== 0)
}

function checkErasing(randomErasing: RandomErasingOptions): void {
  expectKnownOptions('augmented.randomErasing', randomErasing, ['p', 'scale', 'ratio', 'value'])
  const { p, scale, ratio, value } = { ...ERASING, ...randomErasing }
  expectFixedNumber('augmented', 'randomErasing.p', p, { min: 0, max: 1, hint: 'It is a probability.' })
  expectRange('randomErasing.scale', scale, 1)
  expectRange('randomErasing.ratio', ratio, Infinity)
  expectNumber('augmented', 'randomErasing.value', value, { min: 0, max: 255, integer: true })
}

function expectRange(name: string, range: Range, most: number): void {
  const isRange = Array.isArray(range) && range.length === 2 && range.every((end) => Number.isFinite(end) && end > 0 && end <= most) && range[0] <= range[1]
  if (isRange) return
  throw new OptionError({
    who: 'augmented',
    wanted: `\`${name}\` to be two numbers above 0${most < Infinity ? `, at most ${most}` : ''}, from and to`,
    got: JSON.stringify(range) ?? 'undefined',
    fix: 'Pass the smaller one first.',
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
