import { describe, expect, it } from 'vitest'
import { Random } from './random.js'

const draws = (random: Random) => [random.uniform(), random.normal(), random.int(1000), ...random.shuffle([1, 2, 3, 4, 5])]

describe('Random', () => {
  it('repeats itself from a seed, and differs between seeds', () => {
    expect(draws(new Random(7))).toEqual(draws(new Random(7)))
    expect(draws(new Random(7))).not.toEqual(draws(new Random(8)))
  })

  it('goes on from a saved state', () => {
    const random = new Random(1)
    draws(random)
    const resumed = new Random(99)
    resumed.restore(JSON.parse(JSON.stringify(random.state())) as number[])
    expect(draws(resumed)).toEqual(draws(random))
  })

  it('forks into a source whose draws do not move the parent', () => {
    const used = new Random(3)
    const idle = new Random(3)
    draws(used.fork())
    idle.fork()
    expect(draws(used)).toEqual(draws(idle))
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
