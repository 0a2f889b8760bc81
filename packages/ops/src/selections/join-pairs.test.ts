import { describe, expect, it } from 'vitest'
import { joinPairs } from './join-pairs.js'

describe('joinPairs', () => {
  it('crosses the pairs of an anchor, and drops anchors with one kind only', () => {
    const pairs = { anchor1: [0, 0, 1], positive: [1, 2, 0], anchor2: [0, 2, 0], negative: [5, 6, 7] }
    expect(joinPairs(pairs)).toEqual({ anchor: [0, 0, 0, 0], positive: [1, 1, 2, 2], negative: [5, 7, 5, 7] })
  })
})
