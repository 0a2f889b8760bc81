import { describe, expect, it } from 'vitest'
import { binomial, combinationAt } from './combination.js'

describe('combinationAt', () => {
  it('lists every combination once, in lexicographic order', () => {
    for (const [n, k] of [[1, 1], [4, 4], [5, 2], [7, 3], [9, 1]] as const) {
      const all = Array.from({ length: binomial(n, k) }, (_, rank) => combinationAt(rank, n, k))
      expect(all).toEqual([...all].sort((a, b) => a.findIndex((_, i) => a[i] !== b[i]) === -1 ? 0 : a.find((x, i) => x !== b[i])! - b.find((x, i) => x !== a[i])!))
      expect(new Set(all.map(String)).size).toBe(all.length)
      for (const one of all) expect(one.every((x, i) => x < n && (i === 0 || x > one[i - 1]!))).toBe(true)
    }
    expect(combinationAt(3, 4, 2)).toEqual([1, 2])
  })

  it('finds a late one of very many at once', () => {
    expect(binomial(1000, 3)).toBe(166_167_000)
    expect(combinationAt(166_166_999, 1000, 3)).toEqual([997, 998, 999])
  })
})
