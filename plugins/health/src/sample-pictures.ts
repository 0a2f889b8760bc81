import type { LoadedSamples } from '@metric-learning/contracts'
import { thumbnail } from '@metric-learning/page'
import sharp from 'sharp'

/** What is no number is painted in a colour that pictures seldom have. */
const BROKEN = [255, 0, 255] as const

/**
 * Samples of a batch as pictures, as the network was to see them: data URIs by position. Numbers from 0 to 1 are shown as they are,
 * others are stretched to what they hold; NaN and infinity are magenta.
 *
 * @returns none where samples are no images
 */
export async function samplePictures({ values, shape }: LoadedSamples, positions: readonly number[]): Promise<ReadonlyMap<number, string>> {
  const [, height, width, channels, ...more] = shape
  if (!height || !width || !channels || ![1, 3, 4].includes(channels) || more.length > 0) return new Map()
  const size = height * width * channels
  const uris = positions.map(async (position) => {
    const pixels = pixelsOf(values.subarray(position * size, (position + 1) * size), channels)
    const png = await sharp(pixels, { raw: { width, height, channels: 3 } }).png().toBuffer()
    return [position, await thumbnail('health', png, position)] as const
  })
  return new Map(await Promise.all(uris))
}

/** Red, green and blue as bytes; a fourth channel is left out. */
function pixelsOf(values: Uint8Array | Float32Array, channels: number): Uint8Array {
  const shown = values instanceof Uint8Array ? (value: number) => value : stretched(values)
  const count = values.length / channels
  const pixels = new Uint8Array(3 * count)
  for (let i = 0; i < count; i++) {
    const colour = [0, 1, 2].map((channel) => values[i * channels + Math.min(channel, channels === 1 ? 0 : 2)]!)
    pixels.set(colour.every(Number.isFinite) ? colour.map(shown) : BROKEN, 3 * i)
  }
  return pixels
}

/** From numbers to bytes. */
function stretched(values: Float32Array): (value: number) => number {
  const finite = values.filter(Number.isFinite)
  const [least, most] = finite.reduce(([low, high], value) => [Math.min(low!, value), Math.max(high!, value)], [0, 1]) as unknown as [number, number]
  return (value) => Math.round((255 * (value - least)) / (most - least))
}
