import sharp, { type Metadata, type Sharp, type SharpOptions } from 'sharp'
import { grey } from './grey.js'
import { mendImage, otherEnds } from './mend-image.js'

/** Into which pixels an image becomes. */
export interface ImageFormat {
  /** Height and width, in pixels. */
  readonly imageSize: number
  /** 1 grey, 3 red, green and blue. */
  readonly channels: 1 | 3
  /** `'centre'`: scaled until it covers the square, the middle cut out; `'none'`: squeezed into the square. */
  readonly crop: 'centre' | 'none'
}

/** What a file gives. */
export interface DecodedImage {
  /** [imageSize, imageSize, channels], row-major. */
  readonly pixels: Uint8Array
  /** What is wrong with the file and leaves its picture whole, in words; empty as a rule. */
  readonly defects: readonly string[]
}

/**
 * Decodes an image file: turned upright (EXIF), transparent parts on white, in sRGB, one byte a channel; grey values are those
 * of {@link grey}, taken after scaling. Of several pictures in a file the first counts.
 *
 * @throws {Error} when it is no image, is cut off or damaged, or its samples have no known range; its message says which.
 */
export async function decodeImage(file: Buffer, format: ImageFormat): Promise<DecodedImage> {
  const { bytes, defects, isEndless = false } = file.length < 2 ? { bytes: file, defects: [] } : mendImage(file)
  const facts = await sharp(bytes, STRICT).metadata()
  const reason = unsupported(facts)
  if (reason !== undefined) throw new Error(reason)
  if (isEndless && !(await isWhole(bytes))) throw new Error('the picture is cut off')
  const hasProfile = facts.icc !== undefined && !isProfile(facts.icc)
  const options = { ...STRICT, ignoreIcc: hasProfile }
  const found = hasProfile ? [...defects, 'a broken colour profile, which is passed over'] : defects
  try {
    return { pixels: await scaled(bytes, facts, options, format), defects: found }
  } catch (error) {
    if (facts.format !== 'tiff') throw error
    // What libtiff warns of are tags; missing or damaged data are errors.
    const pixels = await scaled(bytes, facts, { ...options, failOn: 'error' }, format)
    return { pixels, defects: [...found, 'TIFF tags that do not agree'] }
  }
}

/** Whether an endless JPEG has all of its picture. */
async function isWhole(bytes: Buffer): Promise<boolean> {
  const [one, ...others] = await Promise.all([bytes, ...otherEnds(bytes)].map((end) => sharp(end, { failOn: 'none' }).raw().toBuffer()))
  return others.every((other) => other.equals(one!))
}

const STRICT = { failOn: 'warning' } as const satisfies SharpOptions

async function scaled(bytes: Buffer, { space }: Metadata, options: SharpOptions, { imageSize, channels, crop }: ImageFormat): Promise<Uint8Array> {
  const input = space === 'lab' ? await fromLab(sharp(bytes, options)) : sharp(bytes, options).rotate()
  const rgb = await input
    .flatten({ background: '#ffffff' })
    .resize(imageSize, imageSize, { fit: crop === 'centre' ? 'cover' : 'fill', position: 'centre' })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer()
  return channels === 1 ? grey(rgb) : rgb
}

/** sharp can neither flatten nor scale CIELAB of 8 bits, but convert it. */
async function fromLab(image: Sharp): Promise<Sharp> {
  const { data, info } = await image.rotate().toColourspace('srgb').raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true })
  return sharp(data, { raw: info })
}

/** Why pixels of this kind are not taken; `undefined` when they are. */
function unsupported({ format, depth, space, channels }: Metadata): string | undefined {
  const isCounted = depth === 'uchar' || depth === 'ushort' || (depth === 'short' && space === 'labs')
  if (!isCounted) return `${format} with samples of type ${depth}, whose range is not known; save it with 8 or 16 bits a channel`
  const most = space === 'cmyk' ? 5 : 4
  if (space === 'multiband' || channels > most) return `${format} with ${channels} channels that are no grey, RGB, CMYK or CIELAB`
  return undefined
}

/** Whether it begins as an ICC profile does and is as long as it says. */
function isProfile(icc: Buffer): boolean {
  return icc.length >= 128 && icc.toString('latin1', 36, 40) === 'acsp' && icc.readUInt32BE(0) <= icc.length
}
