import { DataError, LabelError, type Dataset, type LoadedSamples, type Normalization } from '@metric-learning/core'
import { pixelStatistics } from './pixel-statistics.js'

export interface ImageDatasetOptions {
  readonly name: string
  /** All images one after the other, each row-major [height, width, channels]. Kept, not copied. */
  readonly pixels: Uint8Array
  /** [height, width, channels] */
  readonly sampleShape: readonly [number, number, number]
  /** Which images of `pixels` are the samples. Default: all, in order. */
  readonly images?: Int32Array
  /** Class of each sample, integers from 0. */
  readonly labels: Int32Array
  /** Name of each class, by label. */
  readonly classNames: readonly string[]
  /** Default: mean and standard deviation over all samples. */
  readonly normalization?: Normalization
}

/**
 * Decoded images in memory. Loading is a copy of bytes.
 *
 * @throws {DataError} when `pixels` does not hold the images it should.
 * @throws {LabelError} when there is not one label a sample, or a label without a name.
 */
export class ImageDataset implements Dataset {
  readonly name: string
  readonly labels: Int32Array
  readonly classNames: readonly string[]
  readonly sampleShape: readonly [number, number, number]
  readonly normalization: Normalization
  readonly #pixels: Uint8Array
  readonly #images: Int32Array
  readonly #size: number

  constructor({ name, pixels, sampleShape, images, labels, classNames, normalization }: ImageDatasetOptions) {
    const [height, width, channels] = sampleShape
    this.name = name
    this.labels = labels
    this.classNames = classNames
    this.sampleShape = sampleShape
    this.#pixels = pixels
    this.#size = height * width * channels
    this.#images = images ?? Int32Array.from(labels.keys())
    this.#check()
    this.normalization = normalization ?? pixelStatistics({ pixels, rows: this.#images, sampleShape })
  }

  /** @throws {DataError} when there is no such row. */
  load(rows: Int32Array): Promise<LoadedSamples> {
    const values = new Uint8Array(rows.length * this.#size)
    for (const [i, row] of rows.entries()) {
      const image = this.#images[row]
      if (image === undefined) return Promise.reject(this.#noSuchRow(row))
      values.set(this.#pixels.subarray(image * this.#size, (image + 1) * this.#size), i * this.#size)
    }
    return Promise.resolve({ values, shape: [rows.length, ...this.sampleShape] })
  }

  /**
   * The samples of the given classes, in their order here, labelled anew by position in `classes`. Shares the pixels.
   *
   * @param classes labels, each once
   * @param normalization Default: statistics of the subset itself
   */
  ofClasses(name: string, classes: readonly number[], normalization?: Normalization): ImageDataset {
    const newLabel = new Map(classes.map((label, i) => [label, i]))
    const rows = [...this.labels.keys()].filter((row) => newLabel.has(this.labels[row]!))
    return new ImageDataset({
      name,
      pixels: this.#pixels,
      sampleShape: this.sampleShape,
      images: Int32Array.from(rows, (row) => this.#images[row]!),
      labels: Int32Array.from(rows, (row) => newLabel.get(this.labels[row]!)!),
      classNames: classes.map((label) => this.classNames[label]!),
      ...(normalization && { normalization }),
    })
  }

  #check(): void {
    const held = this.#pixels.length / this.#size
    const largest = this.#images.reduce((high, image) => Math.max(high, image), -1)
    if (!Number.isInteger(held) || largest >= held) {
      throw new DataError({
        who: this.name,
        wanted: `the pixels of ${largest + 1} images of [${this.sampleShape.join(', ')}]`,
        got: `${this.#pixels.length} bytes`,
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
