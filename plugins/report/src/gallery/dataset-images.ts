import { DataError, type Dataset } from '@metric-learning/core'
import sharp from 'sharp'

/** Gives one sample of a dataset as a picture. */
export type ImageSource = (row: number) => Promise<Uint8Array>

/**
 * The samples of a dataset of images as PNGs, for the gallery of a report.
 *
 * @throws {DataError} when its samples are no images of 1, 3 or 4 channels.
 */
export function datasetImages(dataset: Dataset): ImageSource {
  const [height, width, channels] = dataset.sampleShape
  return async (row) => {
    const { values } = await dataset.load(Int32Array.of(row))
    if (!(values instanceof Uint8Array) || !isPicture(channels) || height === undefined || width === undefined) {
      throw new DataError({
        who: 'datasetImages',
        wanted: 'pixels of shape [height, width, 1, 3 or 4]',
        got: `samples of shape [${dataset.sampleShape.join(', ')}]${values instanceof Uint8Array ? '' : ' that are not bytes'}`,
        fix: 'Pass an `images` function of your own, or none.',
      })
    }
    return sharp(values, { raw: { width, height, channels } }).png().toBuffer()
  }
}

const isPicture = (channels: number | undefined): channels is 1 | 3 | 4 =>
  channels === 1 || channels === 3 || channels === 4
