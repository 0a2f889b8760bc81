import { DataError, type Dataset } from '@metric-learning/contracts'
import sharp, { type Sharp } from 'sharp'

/** How pixels of a dataset become pictures. */
export interface PictureOptions {
  /** Black for white, so that light strokes on black become ink on paper. Default false. */
  readonly inverted?: boolean
}

/**
 * The samples of some rows as images of sharp, in order.
 *
 * @throws {DataError} when samples are not bytes of [height, width, 1, 3 or 4].
 */
export async function pictures(
  who: string,
  dataset: Dataset,
  rows: Int32Array,
  { inverted = false }: PictureOptions,
): Promise<Sharp[]> {
  const [height, width, channels] = dataset.sampleShape
  const { values } = await dataset.load(rows)
  const isImage = values instanceof Uint8Array && dataset.sampleShape.length === 3 && isChannels(channels)
  if (!isImage || !height || !width) {
    throw new DataError({
      who,
      wanted: 'samples that are images: bytes of [height, width, 1, 3 or 4]',
      got: `${values instanceof Uint8Array ? 'bytes' : 'numbers'} of [${dataset.sampleShape.join(', ')}]`,
      fix: 'Pass a dataset of images.',
    })
  }
  const size = height * width * channels
  return Array.from(rows, (_, i) => {
    const picture = sharp(values.subarray(i * size, (i + 1) * size), { raw: { width, height, channels } })
    return inverted ? picture.negate({ alpha: false }) : picture
  })
}

const isChannels = (channels: number | undefined): channels is 1 | 3 | 4 => channels === 1 || channels === 3 || channels === 4
