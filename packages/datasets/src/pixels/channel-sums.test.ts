import { Random } from '@metric-learning/contracts'
import { describe, expect, it } from 'vitest'
import { channelSums, statisticsOfSums } from './channel-sums.js'
import { pixelStatistics } from './pixel-statistics.js'

describe('statisticsOfSums', () => {
  it('gives what all pixels of the chosen images give', () => {
    const random = new Random(3)
    const sampleShape = [4, 5, 3]
    const size = 60
    const pixels = Uint8Array.from({ length: 4 * size }, (_, i) => (i % 3 === 2 ? 77 : random.int(256)))
    const sums = Float64Array.from([0, 1, 2, 3].flatMap((i) => [...channelSums(pixels.subarray(i * size, (i + 1) * size), 3)]))
    for (const rows of [Int32Array.of(0, 1, 2, 3), Int32Array.of(3, 1)]) {
      const expected = pixelStatistics({ pixels, rows, sampleShape })
      const { mean, std } = statisticsOfSums(sums, rows, 3, 20)
      mean.forEach((value, channel) => {
        expect(value).toBeCloseTo(expected.mean[channel]!, 14)
        expect(std[channel]).toBeCloseTo(expected.std[channel]!, 14)
      })
      expect(std[2]).toBe(1)
    }
  })
})
