import { describe, expect, it } from 'vitest'
import { indicesFromSelection, selectionFromIndices } from './selection-indices.js'

const extents = { queryCount: 3, referenceCount: 4 }

describe('selectionFromIndices', () => {
  it('brings pairs there and back, repeated ones included', async () => {
    const indices = { anchor1: [0, 0, 2], positive: [1, 1, 3], anchor2: [1], negative: [0] }
    const selection = selectionFromIndices(indices, extents)
    expect(await indicesFromSelection(selection)).toEqual(indices)
  })

  it('brings triplets there and back', async () => {
    const indices = { anchor: [0, 0, 0, 2], positive: [1, 1, 2, 3], negative: [2, 3, 3, 0] }
    const selection = selectionFromIndices(indices, extents)
    expect(selection.kind === 'triplets' && selection.weights.shape).toEqual([3, 2, 4])
    expect(await indicesFromSelection(selection)).toEqual(indices)
  })

  it('rejects rows outside the batch and vectors of unequal length', () => {
    const outside = { anchor: [0], positive: [4], negative: [1] }
    expect(() => selectionFromIndices(outside, extents)).toThrow('`positive` to hold 1 row numbers in [0, 4), got 4')
    const unequal = { anchor1: [0, 1], positive: [1], anchor2: [], negative: [] }
    expect(() => selectionFromIndices(unequal, extents)).toThrow('`positive` to hold 2 row numbers in [0, 4), got 1 of them')
  })
})
