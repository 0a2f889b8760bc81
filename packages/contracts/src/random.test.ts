import { describe, expect, it } from 'vitest'
import { Random } from './random.js'

const draws = (random: Random) => [random.uniform(), random.normal(), random.int(1000), ...random.shuffle([1, 2, 3, 4, 5])]

describe('Random', () => {
  it('repeats itself from a seed, and differs between seeds', () => {
    expect(draws(new Random(7))).toEqual(draws(new Random(7)))
    expect(draws(new Random(7))).not.toEqual(draws(new Random(8)))
  })

  it('draws normals of mean 0 and variance 1', () => {
    const random = new Random(5)
    const values = Array.from({ length: 20_000 }, () => random.normal())
    const mean = values.reduce((sum, x) => sum + x, 0) / values.length
    const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length
    expect(Math.abs(mean)).toBeLessThan(0.03)
    expect(Math.abs(variance - 1)).toBeLessThan(0.05)
  })

  it('wants an integer seed', () => {
    expect(() => new Random(0.5)).toThrow('wanted `seed` to be an integer, got 0.5')
  })
})

/** The first draws, 31 and 53 bits of them. */
const key = (random: Random) => `${random.int(2 ** 31)} ${random.uniform()}`

describe('Random.at', () => {
  it('follows from its arguments alone', () => {
    expect(draws(Random.at(7, 'sampler', 2, 5))).toEqual(draws(Random.at(7, 'sampler', 2, 5)))
    expect(draws(Random.at(7, 'sampler', -0))).toEqual(draws(Random.at(7, 'sampler', 0)))
  })

  it('is another source when anything differs, where one argument ends and how large it is included', () => {
    const sources = [
      Random.at(0, ''), Random.at(0, '', 0), Random.at(0, '', 0, 0), Random.at(0, '\0'), Random.at(0, '\0\0'), Random.at(0, 'a'), Random.at(0, 'A'),
      Random.at(0, 'a', 1), Random.at(0, 'a1'), Random.at(1, 'a'), Random.at(1, 'a', 2), Random.at(2, 'a', 1), Random.at(0, 'a', 1, 2), Random.at(0, 'a', 2, 1),
      Random.at(-1, 'a'), Random.at(2 ** 32, 'a'), Random.at(2 ** 32 - 1, 'a'), Random.at(2 ** 52, 'a'), Random.at(0, 'a', 2 ** 32 + 1), Random.at(0, 'a', -1),
    ]
    expect(new Set(sources.map(key)).size).toBe(sources.length)
  })

  it('never repeats over a grid of positions', () => {
    const seen = new Set<string>()
    const [seeds, epochs, batches] = [20, 50, 100]
    for (let seed = 0; seed < seeds; seed++) {
      for (let epoch = 1; epoch <= epochs; epoch++) {
        for (let batch = 0; batch < batches; batch++) seen.add(key(Random.at(seed, 'sampler', epoch, batch)))
      }
    }
    expect(seen.size).toBe(seeds * epochs * batches)
  })

  it('gives neighbours draws that have nothing to do with each other', () => {
    const side = 60
    const grid = Array.from({ length: side ** 3 }, (_, i) =>
      Random.at(i % side, 'sampler', Math.floor(i / side) % side, Math.floor(i / side ** 2)).uniform(),
    )
    // Standard deviation of a correlation of n independent pairs: 1 / √n.
    for (const step of [1, side, side ** 2, side + 1, side ** 2 - side]) {
      const pairs = grid.slice(step).map((value, i) => 12 * (value - 0.5) * (grid[i]! - 0.5))
      const correlation = pairs.reduce((sum, value) => sum + value, 0) / pairs.length
      expect(Math.abs(correlation)).toBeLessThan(5 / Math.sqrt(pairs.length))
    }
    const bins = new Float64Array(100)
    for (const value of grid) bins[Math.floor(100 * value)]! += 1
    const expected = grid.length / 100
    const statistic = bins.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
    // Chi squared with 99 degrees of freedom: mean 99, standard deviation about 14.
    expect(statistic).toBeGreaterThan(99 - 5 * 14)
    expect(statistic).toBeLessThan(99 + 5 * 14)
  })

  it('changes half of the bits when one bit of an argument changes', () => {
    const bitsOf = (random: Random) => Array.from({ length: 4 }, () => random.int(2 ** 32))
    const differing = (a: number[], b: number[]) => a.reduce((sum, word, i) => sum + ((word ^ b[i]!) >>> 0).toString(2).replaceAll('0', '').length, 0)
    for (let bit = 0; bit < 32; bit++) {
      for (const change of [[1, 0, 0], [0, 1, 0], [0, 0, 1]] as const) {
        const [seed, epoch, batch] = change.map((changes) => changes * 2 ** bit) as [number, number, number]
        let sum = 0
        for (let i = 0; i < 40; i++) sum += differing(bitsOf(Random.at(i, 's', i, i)), bitsOf(Random.at(i + seed, 's', i + epoch, i + batch)))
        // Of 40 · 128 bits a half, standard deviation 36.
        expect(Math.abs(sum - 2560)).toBeLessThan(5 * 36)
      }
    }
  })

  it('wants integers', () => {
    expect(() => Random.at(0.5, 'a')).toThrow('wanted `seed` to be an integer, got 0.5')
    expect(() => Random.at(0, 'a', 1, NaN)).toThrow('Random.at: wanted `position` to be an integer, got NaN')
  })
})
