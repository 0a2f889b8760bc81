import type { Normalization } from '@metric-learning/contracts'

/** Where the pixels of some samples lie: those of row r start at r · height · width · channels. */
export interface PixelRows {
  readonly pixels: Uint8Array
  readonly rows: Int32Array
  /** [height, width, channels] */
  readonly sampleShape: readonly number[]
}

/**
 * Mean and standard deviation (÷ N) of each channel over all pixels of the rows, scaled to [0, 1].
 *
 * Exact, from a histogram of each channel. A channel without any spread gets a deviation of 1, so that it can be
 * divided by.
 */
export function pixelStatistics({ pixels, rows, sampleShape }: PixelRows): Normalization {
  const size = sampleShape.reduce((product, extent) => product * extent, 1)
  const channels = sampleShape.at(-1)!
  const histogram = new Float64Array(channels * 256)
  for (const row of rows) {
    const end = (row + 1) * size
    for (let i = row * size, channel = 0; i < end; i++) {
      histogram[channel * 256 + pixels[i]!]! += 1
      channel = channel + 1 === channels ? 0 : channel + 1
    }
  }
  const each = Array.from({ length: channels }, (_, channel) => moments(histogram.subarray(channel * 256, (channel + 1) * 256)))
  return { mean: each.map(({ mean }) => mean), std: each.map(({ std }) => std) }
}

function moments(counts: Float64Array): { mean: number; std: number } {
  const total = counts.reduce((sum, count) => sum + count, 0)
  const mean = counts.reduce((sum, count, value) => sum + count * value, 0) / total
  const variance = counts.reduce((sum, count, value) => sum + count * (value - mean) ** 2, 0) / total
  return { mean: mean / 255, std: Math.sqrt(variance) / 255 || 1 }
}
