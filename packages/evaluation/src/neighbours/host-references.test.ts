import { describe, expect, it } from 'vitest'
import { HostReferences } from './host-references.js'

const rows = (...values: number[]) => ({ values: Float32Array.from(values), rows: values.length / 2, dim: 2 })
const three = HostReferences.none('Index').with(Int32Array.of(0, 1), rows(0, 0, 1, 1)).with(Int32Array.of(5), rows(5, 5))

describe('HostReferences', () => {
  it('are in one piece, in the order of adding', () => {
    expect(three.matrix).toEqual(rows(0, 0, 1, 1, 5, 5))
    expect([three.rowOf(5), three.rowOf(2)]).toEqual([2, -1])
  })

  it('stay what they are when some are removed', () => {
    const rest = three.without([1])
    expect([[...rest.ids], rest.matrix]).toEqual([[0, 5], rows(0, 0, 5, 5)])
    expect([three.size, three.without([5, 0, 1]).dim]).toEqual([3, undefined])
  })

  it('ask other embeddings, or references that do not find themselves', () => {
    expect(three.asked(rows(9, 9), undefined)).toEqual({ queries: rows(9, 9), itself: undefined, available: 3 })
    expect(three.asked(undefined, [5])).toEqual({ queries: rows(5, 5), itself: Int32Array.of(2), available: 2 })
    expect(three.asked(undefined, undefined).itself).toEqual(Int32Array.of(0, 1, 2))
  })

  it('read masks of bytes, numbers and booleans', () => {
    for (const mask of [Uint8Array.of(0, 1, 0), [0, 1, 0], [false, true, false], Int32Array.of(0, 1, 0)]) expect(three.excluded(() => mask, 0)).toEqual(Uint8Array.of(0, 1, 0))
    expect(three.excluded(() => undefined, 0)).toBeUndefined()
    expect(three.excluded(undefined, 0)).toBeUndefined()
  })

  it('refuse what does not go with them', () => {
    const wide = { values: new Float32Array(3), rows: 1, dim: 3 }
    expect(() => three.with(Int32Array.of(6), wide)).toThrow('Index: wanted `embeddings` of shape [rows, 2], as wide as the references, got [1, 3]')
    expect(() => three.without([1, 1])).toThrow('id 1 twice')
    expect(() => three.asked(undefined, [2])).toThrow('got id 2')
    expect(() => three.asked(rows(1, 1), [0, 1])).toThrow('one of `ids` for each of the 1 queries, got 2')
    expect(() => three.excluded(() => new Uint8Array(2), 0)).toThrow('a mask over the 3 references from `exclude`, got one of 2 for query 0')
    expect(() => three.excluded(() => [0, 2, 0], 4)).toThrow('got 2 at reference 1 for query 4')
    expect(() => HostReferences.none('Index').asked(rows(1, 1), undefined)).toThrow('wanted references, got none')
  })
})
