import { DataError, expectKnownOptions, expectNumber, expectOneOf, type LoadedSamples } from '@metric-learning/contracts'
import type { ImageFormat } from '../decoding/decode-image.js'
import { settledImage } from '../decoding/settled-image.js'

/** Into which pixels {@link decodeSample} makes an image: those of the data set that a network was trained on. */
export interface DecodeSampleOptions extends Partial<ImageFormat> {
  /** Height and width, in pixels. */
  readonly imageSize: number
  /** 1 grey, 3 red, green and blue. Default 3. */
  readonly channels?: 1 | 3
  /** `'centre'`: scaled until it covers the square, the middle cut out; `'none'`: squeezed into the square. Default `'centre'`. */
  readonly crop?: 'centre' | 'none'
}

/**
 * The bytes of an image file (JPEG, PNG, WebP, TIFF, GIF, …) as one sample, decoded as `imageFolder` decodes it: turned upright, transparent
 * parts on white, in sRGB.
 *
 * @returns bytes of [1, imageSize, imageSize, channels]
 * @throws {OptionError} when an option is unknown or out of range.
 * @throws {DataError} when it is no image, or one that is cut off or damaged.
 */
export async function decodeSample(file: Uint8Array, options: DecodeSampleOptions): Promise<LoadedSamples> {
  expectKnownOptions('decodeSample', options, ['imageSize', 'channels', 'crop'])
  const { imageSize, channels = 3, crop = 'centre' } = options
  expectNumber('decodeSample', 'imageSize', imageSize, { min: 1, integer: true, hint: 'In pixels.' })
  expectOneOf('decodeSample', 'channels', channels, [1, 3])
  expectOneOf('decodeSample', 'crop', crop, ['centre', 'none'])
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength)
  const image = await settledImage(bytes, { imageSize, channels, crop })
  if (typeof image !== 'string') return { values: image.pixels, shape: [1, imageSize, imageSize, channels] }
  throw new DataError({
    who: 'decodeSample',
    wanted: 'the bytes of a whole image file',
    got: bytes.length === 0 ? 'none' : `${bytes.length} bytes: ${image}`,
    fix: 'Pass a JPEG, PNG, WebP, TIFF or GIF as it is on the disk.',
  })
}
