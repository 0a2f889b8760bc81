import sharp from 'sharp'

/** Into which pixels an image becomes. */
export interface ImageFormat {
  /** Height and width, in pixels. */
  readonly imageSize: number
  /** 1 grey, 3 red, green and blue. */
  readonly channels: 1 | 3
  /** `'centre'`: scaled until it covers the square, the middle cut out; `'none'`: squeezed into the square. */
  readonly crop: 'centre' | 'none'
}

/**
 * Decodes an image file: turned upright (EXIF), transparent parts on white, in sRGB, one byte a channel.
 *
 * @returns [imageSize, imageSize, channels], row-major
 * @throws what sharp throws when the file is unreadable, cut off or no image.
 */
export async function decodeImage(path: string, { imageSize, channels, crop }: ImageFormat): Promise<Uint8Array> {
  return sharp(path, { failOn: 'warning' })
    .rotate()
    .flatten({ background: '#ffffff' })
    .resize(imageSize, imageSize, { fit: crop === 'centre' ? 'cover' : 'fill', position: 'centre' })
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .raw({ depth: 'uchar' })
    .toBuffer()
}
