import { describe, expect, it } from 'vitest'
import { ScoreBuckets } from './score-buckets.js'

describe('ScoreBuckets', () => {
  it('keeps the order of scores, and all of them', () => {
    const scores = Float32Array.of(3, 2.5, 2.5, -1, -7)
    const buckets = new ScoreBuckets(scores)
    const of = Array.from(scores, (score) => buckets.of(score))
    expect(of).toEqual([...of].sort((a, b) => a - b))
    expect([of[0], of[4]]).toEqual([0, 1023])
    expect(buckets.starts.at(-1)).toBe(5)
    expect(buckets.starts[of[3]!]).toBe(3)
    expect([buckets.of(100), buckets.of(-100)]).toEqual([0, 1023])
  })

  it.each([[[2]], [[2, 2]], [[1, -Infinity]]])('has one bucket for %j', (scores) => {
    const buckets = new ScoreBuckets(Float32Array.from(scores))
    expect(Array.from(scores, (score) => buckets.of(score))).toEqual(scores.map(() => 0))
    expect(buckets.starts[1]).toBe(scores.length)
  })
})
