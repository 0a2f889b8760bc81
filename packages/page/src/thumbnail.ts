import { DataError } from '@metric-learning/contracts'
import sharp from 'sharp'

/** Longest side of such a picture, in pixels. */
const LARGEST = 112

/**
 * Makes a picture small enough for a page: a data URI, PNG where it was small already, WebP otherwise.
 *
 * @throws {DataError} in the name of `who` when the picture of that row is none.
 */
export async function thumbnail(who: string, image: Uint8Array, row: number): Promise<string> {
  try {
    const { width, height } = await sharp(image).metadata()
    if (Math.max(width, height) <= LARGEST) {
      const png = await sharp(image).png({ compressionLevel: 9, adaptiveFiltering: true }).toBuffer()
      return `data:image/png;base64,${png.toString('base64')}`
    }
    const webp = await sharp(image)
      .rotate()
      .resize(LARGEST, LARGEST, { fit: 'inside' })
      .webp({ quality: 78 })
      .toBuffer()
    return `data:image/webp;base64,${webp.toString('base64')}`
  } catch (cause) {
    throw new DataError({
      who,
      wanted: `an encoded image of row ${row}`,
      got: cause instanceof Error ? cause.message : String(cause),
      fix: 'Let `images` return the bytes of a PNG, JPEG or WebP.',
      cause,
    })
  }
}
