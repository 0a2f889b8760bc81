import { Random } from '@metric-learning/contracts'
import { describe, expect, it } from 'vitest'
import { BestScore } from './best-score.js'

const trust = { base: 0, slope: 0, most: 0, settled: -Infinity, exact: () => 0 }

describe('BestScore', () => {
  it.each([[1], [10], [400], [513], [1500], [2999]])('is reached by the %i best, and by few more', (k) => {
    const random = new Random(k)
    const scores = Float32Array.from({ length: 3001 }, () => random.normal() * 10 ** random.int(4))
    const excluded = Uint8Array.from(scores, (_, row) => Number(row === 17))
    const ascending = [...scores].filter((_, row) => row !== 4 && row !== 17).sort((a, b) => a - b)
    const best = new BestScore().of({ scores, trust, itself: 4, excluded }, k)
    const kth = ascending.at(-k)!
    expect(best).toBeLessThanOrEqual(kth)
    // Sixteen leading bits are a sign, an exponent and seven bits of the fraction.
    expect(best).toBeGreaterThanOrEqual(k <= 512 ? kth : kth - Math.abs(kth) / 64)
  })

  it('is that of none where there are fewer', () => {
    for (const count of [3, 600]) {
      const scores = new Float32Array(count).map((_, row) => -row)
      expect(new BestScore().of({ scores, trust, itself: 0, excluded: undefined }, count)).toBe(-Infinity)
      expect(new BestScore().of({ scores, trust, itself: -1, excluded: undefined }, count)).toBeLessThanOrEqual(1 - count)
    }
  })

  it('is guessed from some, a little lower as a rule, and memory is used again', () => {
    const random = new Random(9)
    const best = new BestScore()
    for (const size of [40_000, 30_000]) {
      const scores = Float32Array.from({ length: size }, () => random.normal())
      const query = { scores, trust, itself: -1, excluded: undefined }
      const [guess, ascending] = [best.ofSome(query, 5000), scores.slice().sort()]
      expect(guess.score).toBeLessThanOrEqual(ascending.at(-5000)!)
      expect(guess.score).toBeGreaterThan(ascending.at(-5000)! - 0.2)
      expect(guess.highest).toBeLessThanOrEqual(ascending.at(-1)!)
      expect(guess.highest).toBeGreaterThan(ascending.at(-1000)!)
    }
    expect(best.ofSome({ scores: new Float32Array(20), trust, itself: -1, excluded: undefined }, 10)).toEqual({ score: -Infinity, highest: -Infinity })
  })
})
