import fc from 'fast-check'
import { expect, it } from 'vitest'
import { exactOrder } from './exact-order.js'
import { NearestReferencesFinder } from './nearest-references.js'

/** Scores that float32 can and can not tell apart, some of them infinite there. */
const score = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true, max: 0 }), fc.integer({ min: -40, max: 0 }).map((value) => value / 7), fc.integer({ min: 0, max: 30 }).map((value) => -1 - value * 1e-12))

it('a search for all references sorts them as their exact scores and rows say', () => {
  const finder = new NearestReferencesFinder()
  fc.assert(
    fc.property(fc.array(score, { minLength: 257, maxLength: 900 }), fc.integer({ min: 1, max: 900 }), fc.nat(), (exact, k, itself) => {
      const scores = Float32Array.from(exact)
      const excluded = Uint8Array.from(exact, (_, row) => Number(row % 11 === 3))
      const trust = { base: 0, slope: 2 ** -20, most: Infinity, settled: -Infinity, exact: (row: number) => exact[row]! }
      const rows = Int32Array.from(exact.keys()).filter((row) => row !== itself && !excluded[row])
      const wanted = exactOrder(rows, trust.exact)
      const found = finder.find({ scores, trust, itself, excluded }, exact.length)
      expect(Array.from(found.rows)).toEqual(Array.from(wanted.rows))
      expect(Array.from(found.scores)).toEqual(Array.from(wanted.scores))
      expect(Array.from(finder.find({ scores, trust, itself, excluded }, k).rows)).toEqual(Array.from(wanted.rows.subarray(0, k)))
    }),
    { numRuns: 60 },
  )
})
