import { describe, expect, it } from 'vitest'
import { prefetch } from './prefetch.js'

/** Loads 1 to `count` with `depth`, in reverse order of arrival; how many loads had begun when each item was in use. */
async function run(count: number, depth?: number) {
  const started: number[] = []
  const load = async (item: number) => {
    started.push(item)
    await new Promise((resolve) => setTimeout(resolve, count - item))
    return item * 10
  }
  const got: number[] = []
  const begun: number[] = []
  for await (const value of prefetch(Array.from({ length: count }, (_, i) => i + 1), load, depth)) {
    got.push(value)
    begun.push(started.length)
  }
  return { got, begun, started }
}

describe('prefetch', () => {
  it('keeps the order, and loads `depth` items ahead of the one in use and no more', async () => {
    for (const depth of [1, 2, 3]) {
      const { got, begun, started } = await run(6, depth)
      expect(got).toEqual([10, 20, 30, 40, 50, 60])
      expect(started).toEqual([1, 2, 3, 4, 5, 6])
      expect(begun).toEqual([1, 2, 3, 4, 5, 6].map((item) => Math.min(6, item + depth)))
    }
  })

  it('loads on demand with depth 0', async () => {
    expect((await run(3, 0)).begun).toEqual([1, 2, 3])
  })

  it('delivers an error at its item', async () => {
    const load = (item: number) => (item === 2 ? Promise.reject(new Error('no 2')) : Promise.resolve(item))
    const got: number[] = []
    const read = async () => {
      for await (const value of prefetch([1, 2, 3], load)) got.push(value)
    }
    await expect(read()).rejects.toThrow('no 2')
    expect(got).toEqual([1])
  })
})
