import { Random } from '@metric-learning/contracts'
import { describe, expect, it } from 'vitest'
import { BucketRanker } from './bucket-ranker.js'
import type { AllReferences } from '../scored/tile-scorer.js'

interface Case {
  readonly size: number
  readonly k: number
  /** By how much scores may be off, and twice of which is in doubt. */
  readonly error: number
  readonly draw: (random: Random) => number
  readonly excluded?: Uint8Array
}

const drawn = ({ size, k, error, draw, excluded }: Case, seed: number) => {
  const random = new Random(seed)
  const exact = Float64Array.from({ length: size }, () => draw(random))
  const scores = Float32Array.from(exact, (score) => score + error * (2 * random.uniform() - 1))
  const classOf = Int32Array.from({ length: size }, () => random.int(3))
  // A float32 number is off by 2^-25 of it, and one more rounding.
  const trust = { base: 2 * error, slope: 2 ** -23, most: Infinity, settled: -Infinity, exact: (row: number) => exact[row]! }
  const query: AllReferences = { scores, trust, itself: 7, excluded }
  const order = [...exact.keys()].filter((row) => row !== 7 && !excluded?.[row]).sort((a, b) => exact[b]! - exact[a]! || a - b)
  const wanted = order.slice(0, k).flatMap((row, i) => (classOf[row] === 1 ? [i + 1] : []))
  return { query, matching: { classOf, isMatch: Uint8Array.of(0, 1, 0) }, wanted }
}

/** Ranks by each of some draws, one ranker for all; `undefined` where it leaves them to others. */
const found = (one: Case) => {
  const ranker = new BucketRanker(one.size)
  return Array.from({ length: 6 }, (_, seed) => {
    const { query, matching, wanted } = drawn(one, seed)
    const ranks = new Int32Array(one.size)
    const count = ranker.ranks(query, matching, one.k, ranks)
    return { ranks: count === undefined ? undefined : [...ranks.subarray(0, count)], wanted, decided: ranker.decided }
  })
}

describe('BucketRanker', () => {
  const normal = (random: Random) => random.normal()
  it.each<[string, Case]>([
    ['scores that are right', { size: 12_000, k: 3000, error: 0, draw: normal }],
    ['scores in doubt', { size: 12_000, k: 3000, error: 2e-5, draw: normal }],
    ['much in doubt', { size: 12_000, k: 3000, error: 1e-4, draw: normal }],
    ['many that are equal', { size: 12_000, k: 3000, error: 0, draw: (random) => random.int(400) / 64 }],
    ['a few left out', { size: 12_000, k: 3000, error: 1e-5, draw: normal, excluded: Uint8Array.from({ length: 12_000 }, (_, row) => Number(row % 9 === 0)) }],
    ['a large set', { size: 90_000, k: 30_000, error: 1e-6, draw: normal }],
  ])('ranks matches among %s', (_, one) => {
    const all = found(one)
    for (const { ranks, wanted } of all) if (ranks) expect(ranks).toEqual(wanted)
    expect(all.filter(({ ranks }) => ranks).length).toBeGreaterThan(one.error === 1e-4 ? 0 : 3)
    if (one.error > 0) expect(all.at(-1)!.decided).toBeGreaterThan(0)
  })

  it('leaves to others what buckets are no help for', () => {
    const one = { size: 2000, k: 500, error: 0 }
    expect(found({ ...one, draw: () => 1 }).map(({ ranks }) => ranks)).toEqual(Array(6).fill(undefined))
    expect(found({ ...one, draw: normal, error: 0.5 }).map(({ ranks }) => ranks)).toEqual(Array(6).fill(undefined))
    expect(found({ ...one, draw: (random) => (random.uniform() < 0.5 ? -Infinity : Infinity) }).map(({ ranks }) => ranks)).toEqual(Array(6).fill(undefined))
    // One bucket has nearly all.
    expect(found({ ...one, draw: (random) => (random.uniform() < 0.01 ? 1 : 1e-5) * random.normal() }).map(({ ranks }) => ranks)).toEqual(Array(6).fill(undefined))
    // Fewer can be found than are asked for.
    expect(found({ ...one, draw: normal, excluded: new Uint8Array(2000).fill(1, 400) }).map(({ ranks }) => ranks)).toEqual(Array(6).fill(undefined))
  })
})
