import { describe, expect, it } from 'vitest'
import { parameterBatches } from './parameter-batches.js'

const sizesOf = (...sizes: number[]) => parameterBatches(sizes.map((size) => ({ size }))).map((batch) => batch.map(({ size }) => size))

describe('parameterBatches', () => {
  it('keeps small neighbours together', () => {
    expect(sizesOf(10, 20, 30)).toEqual([[10, 20, 30]])
  })

  it('leaves large ones alone, in their order', () => {
    expect(sizesOf(10, 2 ** 20, 20, 30, 2 ** 21, 40)).toEqual([[10], [2 ** 20], [20, 30], [2 ** 21], [40]])
  })

  it('begins anew where the next would make it too large', () => {
    expect(sizesOf(2 ** 19, 2 ** 19, 1)).toEqual([[2 ** 19, 2 ** 19], [1]])
  })

  it('makes none of nothing', () => {
    expect(sizesOf()).toEqual([])
  })
})
