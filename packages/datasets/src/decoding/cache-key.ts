import { createHash } from 'node:crypto'
import sharp from 'sharp'
import type { ImageFormat } from './decode-image.js'

/** Changes when the same file is decoded to other pixels by this package. */
const DECODER = 2

/**
 * A name for what decoding these files gives: a hash of their contents, in order, of the format, and of the versions of the
 * decoder. Names, times and places play no part.
 *
 * @param digests of the files, from `contentDigests`
 */
export function cacheKey(digests: Uint8Array, { imageSize, channels, crop }: ImageFormat): string {
  const hash = createHash('sha256').update(JSON.stringify([DECODER, imageSize, channels, crop, sharp.versions]))
  return hash.update(digests).digest('hex').slice(0, 32)
}
