import { describe, expect, it } from 'vitest'
import { RequestBatcher } from './request-batcher.js'

/** Answers numbers by their doubles, and remembers what was answered together. */
function doubling(limit: number, fail: (batch: readonly number[]) => boolean = () => false) {
  const batches: number[][] = []
  const batcher = new RequestBatcher<number, number>({
    answer: async (batch) => {
      batches.push([...batch])
      await new Promise((resolve) => setTimeout(resolve, 1))
      if (fail(batch)) throw new Error(`no ${batch.join()}`)
      return batch.map((value) => 2 * value)
    },
    goTogether: (one, other) => one % 2 === other % 2,
    sizeOf: (value) => Math.ceil(value / 10),
    limit,
  })
  return { batcher, batches }
}

describe('RequestBatcher', () => {
  it('answers together what waits together, goes together and fits, in order', async () => {
    const { batcher, batches } = doubling(3)
    expect(await Promise.all([1, 3, 5, 7, 2, 4, 6, 9].map((value) => batcher.ask(value)))).toEqual([2, 6, 10, 14, 4, 8, 12, 18])
    expect(batches).toEqual([[1, 3, 5], [7], [2, 4, 6], [9]])
  })

  it('answers a large one alone, and those that come while it is under way after it', async () => {
    const { batcher, batches } = doubling(2)
    const large = batcher.ask(101)
    await new Promise((resolve) => setTimeout(resolve, 0))
    expect(await Promise.all([large, batcher.ask(1), batcher.ask(3)])).toEqual([202, 2, 6])
    expect(batches).toEqual([[101], [1, 3]])
  })

  it('goes on after an error, which only those get that were answered together', async () => {
    const { batcher } = doubling(2, (batch) => batch.includes(1))
    const answers = await Promise.allSettled([1, 3, 5].map((value) => batcher.ask(value)))
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled'])
    expect(await batcher.ask(7)).toBe(14)
  })
})
