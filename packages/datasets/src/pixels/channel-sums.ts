import type { Normalization } from '@metric-learning/contracts'

/** Numbers that {@link channelSums} writes for an image. */
export const sumsPerImage = (channels: number): number => 2 * channels

/**
 * Σ x and Σ x² of each channel of one image: [channels, 2]. What a normalisation needs to know of an image, whichever
 * images it is about; whole numbers, which float64 holds exactly.
 */
export function channelSums(image: Uint8Array, channels: number): Float64Array {
  const sums = new Float64Array(sumsPerImage(channels))
  for (let i = 0, channel = 0; i < image.length; i++) {
    const value = image[i]!
    sums[2 * channel]! += value
    sums[2 * channel + 1]! += value * value
    channel = channel + 1 === channels ? 0 : channel + 1
  }
  return sums
}

/**
 * Mean and standard deviation (÷ N) of each channel, scaled to [0, 1], from the sums of some images; a channel without
 * any spread gets a deviation of 1. Exact: added up and subtracted in whole numbers.
 *
 * @param sums of all images, one after the other
 * @param images which of them count
 * @param pixels of an image: height · width
 */
export function statisticsOfSums(sums: Float64Array, images: Int32Array, channels: number, pixels: number): Normalization {
  const count = BigInt(images.length) * BigInt(pixels)
  const each = Array.from({ length: channels }, (_, channel) => {
    let sum = 0n
    let squares = 0n
    for (const image of images) {
      const at = image * sumsPerImage(channels) + 2 * channel
      sum += BigInt(sums[at]!)
      squares += BigInt(sums[at + 1]!)
    }
    const variance = Number(count * squares - sum * sum) / Number(count) ** 2
    return { mean: Number(sum) / Number(count) / 255, std: Math.sqrt(variance) / 255 || 1 }
  })
  return { mean: each.map(({ mean }) => mean), std: each.map(({ std }) => std) }
}
