import { describe, expect, it } from 'vitest'
import { prefetch } from './prefetch.js'

describe('prefetch', () => {
  it('keeps the order and loads at most `depth` ahead', async () => {
    const started: number[] = []
    const load = async (item: number) => {
      started.push(item)
      await new Promise((resolve) => setTimeout(resolve, 5 - item))
      return item * 10
    }
    const got: number[] = []
    for await (const value of prefetch([1, 2, 3, 4], load, 2)) {
      got.push(value)
      expect(started.length).toBeLessThanOrEqual(got.length + 2)
    }
    expect(got).toEqual([10, 20, 30, 40])
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
