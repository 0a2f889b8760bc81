import {
  checkedLabels,
  DataError,
  LabelError,
  OptionError,
  type Dataset,
  type LabelColumn,
  type LoadedSamples,
  type Normalization,
} from '@metric-learning/contracts'
import { MemoryPixels } from '../pixels/memory-pixels.js'
import type { PixelStore } from '../pixels/pixel-store.js'
import { columnsOfRows } from './columns-of-rows.js'

export interface ImageDatasetOptions {
  readonly name: string
  /** All images one after the other, each row-major [height, width, channels], kept and not copied; or where they are. */
  readonly pixels: Uint8Array | PixelStore
  /** [height, width, channels] */
  readonly sampleShape: readonly [number, number, number]
  /** Which images of `pixels` are the samples. Default: all, in order. */
  readonly images?: Int32Array
  /** Class of each sample, integers from 0. */
  readonly labels: Int32Array
  /** Name of each class, by label. */
  readonly classNames: readonly string[]
  /** Further label columns by name, each with one entry a sample. Default: none. */
  readonly columns?: Readonly<Record<string, LabelColumn>>
  /** Default: mean and standard deviation over all samples. */
  readonly normalization?: Normalization
}

/**
 * Decoded images, in memory or in a file. Loading is a copy of bytes.
 *
 * @throws {DataError} when `pixels` does not hold the images it should.
 * @throws {LabelError} when there is not one label a sample in each column, one is no integer of 32 bits, or a class has no name.
 */
export class ImageDataset implements Dataset {
  readonly name: string
  readonly labels: Int32Array
  readonly classNames: readonly string[]
  readonly columns?: Readonly<Record<string, LabelColumn>>
  readonly sampleShape: readonly [number, number, number]
  readonly normalization: Normalization
  readonly #pixels: PixelStore
  readonly #images: Int32Array

  constructor({ name, pixels, sampleShape, images, labels: given, classNames, columns: further, normalization }: ImageDatasetOptions) {
    const { labels, columns } = checkedLabels(name, { labels: given, ...(further && { columns: further }) })
    this.name = name
    this.labels = labels
    this.classNames = classNames
    if (further) this.columns = Object.fromEntries(columns)
    this.sampleShape = sampleShape
    this.#pixels = pixels instanceof Uint8Array ? new MemoryPixels(pixels, sampleShape) : pixels
    this.#images = images ?? Int32Array.from(labels.keys())
    this.#check()
    this.normalization = normalization ?? this.#pixels.statistics(this.#images)
  }

  /** @throws {DataError} when there is no such row, or pixels cannot be read. */
  async load(rows: Int32Array): Promise<LoadedSamples> {
    const images = rows.map((row) => this.#images[row] ?? -1)
    const missing = images.indexOf(-1)
    if (missing !== -1) throw this.#noSuchRow(rows[missing]!)
    return { values: await this.#pixels.read(images), shape: [rows.length, ...this.sampleShape] }
  }

  /**
   * The same samples with these label columns instead of those there are. Shares the pixels.
   *
   * @param columns by name, each with one entry a sample
   * @throws {LabelError} when a column has not one entry a sample, or one is no integer of 32 bits.
   * @example const photos = (await imageFolder({ root, imageSize: 64 })).withColumns({ kingdom: { labels } })
   */
  withColumns(columns: Readonly<Record<string, LabelColumn>>): ImageDataset {
    const { name, sampleShape, labels, classNames, normalization } = this
    return new ImageDataset({ name, pixels: this.#pixels, sampleShape, images: this.#images, labels, classNames, columns, normalization })
  }

  /**
   * The same samples, normalised otherwise: as the weights of a trunk were trained, for example. Shares the pixels.
   *
   * @param normalization mean and standard deviation of each channel, of values from 0 to 1
   * @throws {OptionError} when it has not a mean and a deviation above 0 for each channel.
   * @example train.withNormalization((await pretrainedTrunk({ name, file })).normalization)
   */
  withNormalization(normalization: Normalization): ImageDataset {
    const [, , channels] = this.sampleShape
    const { mean, std } = normalization
    if (mean.length !== channels || std.length !== channels || ![...mean, ...std].every(Number.isFinite) || !std.every((value) => value > 0)) {
      throw new OptionError({
        who: this.name,
        wanted: `a mean and a deviation above 0 for each of ${channels} channels`,
        got: JSON.stringify(normalization),
        fix: 'Pass that of a trunk for images of as many channels.',
      })
    }
    const { name, sampleShape, labels, classNames, columns } = this
    return new ImageDataset({ name, pixels: this.#pixels, sampleShape, images: this.#images, labels, classNames, normalization, ...(columns && { columns }) })
  }

  /**
   * The samples of the given classes, in their order here, labelled anew by position in `classes`. Label columns keep their
   * numbers and names. Shares the pixels.
   *
   * @param classes labels, each once
   * @param normalization Default: statistics of the subset itself
   */
  ofClasses(name: string, classes: readonly number[], normalization?: Normalization): ImageDataset {
    const newLabel = new Map(classes.map((label, i) => [label, i]))
    const rows = [...this.labels.keys()].filter((row) => newLabel.has(this.labels[row]!))
    const labels = Int32Array.from(rows, (row) => newLabel.get(this.labels[row]!)!)
    return this.#part(name, rows, labels, classes.map((label) => this.classNames[label]!), normalization)
  }

  /**
   * The samples of the given rows, in the order of these. Labels, columns and names of classes stay. Shares the pixels.
   *
   * @param normalization Default: statistics of the subset itself
   * @throws {DataError} when there is no such row.
   */
  ofRows(name: string, rows: readonly number[], normalization?: Normalization): ImageDataset {
    const missing = rows.find((row) => this.#images[row] === undefined)
    if (missing !== undefined) throw this.#noSuchRow(missing)
    return this.#part(name, rows, Int32Array.from(rows, (row) => this.labels[row]!), this.classNames, normalization)
  }

  #part(name: string, rows: readonly number[], labels: Int32Array, classNames: readonly string[], normalization?: Normalization): ImageDataset {
    return new ImageDataset({
      name,
      pixels: this.#pixels,
      sampleShape: this.sampleShape,
      images: Int32Array.from(rows, (row) => this.#images[row]!),
      labels,
      classNames,
      ...(this.columns && { columns: columnsOfRows(this.columns, rows) }),
      ...(normalization && { normalization }),
    })
  }

  #check(): void {
    const held = this.#pixels.count
    const largest = this.#images.reduce((high, image) => Math.max(high, image), -1)
    if (!Number.isInteger(held) || largest >= held) {
      throw new DataError({
        who: this.name,
        wanted: `the pixels of ${largest + 1} images of [${this.sampleShape.join(', ')}]`,
        got: `those of ${+held.toFixed(3)}`,
        fix: 'Check `sampleShape`: pixels are bytes, [height, width, channels] for each image.',
      })
    }
    const nameless = this.labels.find((label) => this.classNames[label] === undefined)
    if (this.labels.length === this.#images.length && nameless === undefined) return
    throw new LabelError({
      who: this.name,
      wanted: `one label from 0 to ${this.classNames.length - 1} for each of ${this.#images.length} samples`,
      got: nameless === undefined ? `${this.labels.length} labels` : `label ${nameless}`,
      fix: 'Number the classes from 0, in the order of `classNames`.',
    })
  }

  #noSuchRow(row: number): DataError {
    return new DataError({
      who: this.name,
      wanted: `rows from 0 to ${this.labels.length - 1}`,
      got: String(row),
      fix: 'Check that the rows were drawn for this dataset, and not for another split.',
    })
  }
}
