import { expectKnownOptions, expectNumber, type Dataset } from '@metric-learning/contracts'
import { type PictureOptions, pictures } from './picture.js'

export interface SamplePngOptions extends PictureOptions {
  /** Longest side of the picture, in pixels; enlarged without smoothing. Default: as the sample is. */
  readonly side?: number
}

/**
 * One sample of a dataset of images as a PNG, with the pixels that `load` gives.
 *
 * @throws {OptionError} when an option is unknown or out of range.
 * @throws {DataError} when the samples are no images, or there is no such row.
 */
export async function samplePng(dataset: Dataset, row: number, options: SamplePngOptions = {}): Promise<Uint8Array> {
  expectKnownOptions('samplePng', options, ['side', 'inverted'])
  const { side } = options
  const [picture] = await pictures('samplePng', dataset, Int32Array.of(row), options)
  if (side === undefined) return picture!.png().toBuffer()
  expectNumber('samplePng', 'side', side, { min: 1, integer: true, hint: 'In pixels.' })
  const enlarges = side > Math.max(dataset.sampleShape[0]!, dataset.sampleShape[1]!)
  return picture!.resize(side, side, { fit: 'inside', kernel: enlarges ? 'nearest' : 'lanczos3' }).png().toBuffer()
}
