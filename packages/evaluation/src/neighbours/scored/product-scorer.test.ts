import * as tf from '@tensorflow/tfjs-core'
import { Random } from '@metric-learning/contracts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KINDS, matrix, type Score, euclidean, normalized, product, rowsOf } from '../hard-embeddings.fixture.js'
import { productFormula, type ProductFormula } from '../product-formula.js'
import { productScorer } from './product-scorer.js'
import { windowAt } from './tile-scorer.js'

const FORMULAS: Readonly<Record<string, { formula: ProductFormula; score: Score; ready: (row: number[]) => number[] }>> = {
  'squared distances': { formula: productFormula()!, score: euclidean, ready: (row) => row },
  'squared distances of normalised rows': { formula: { ...productFormula()!, normalizeBy: 2 }, score: euclidean, ready: normalized },
  products: { formula: { kind: 'dotProduct', toDistance: (score) => score }, score: product, ready: (row) => row },
  cosines: { formula: { kind: 'dotProduct', normalizeBy: 2, toDistance: (score) => score }, score: product, ready: normalized },
}

const cases = fc.record({
  seed: fc.nat(),
  rows: fc.integer({ min: 2, max: 30 }),
  dim: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constantFrom(200, 500)),
  kind: fc.constantFrom(...Object.keys(KINDS)),
})

describe.each(Object.keys(FORMULAS))('scores of %s', (name) => {
  const { formula, score, ready } = FORMULAS[name]!

  it.each(['as they are', 'sharpened', 'sharpened while a tile is under way'])('that lie further apart than their window are in the order of float64, %s', async (how) => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ seed, rows, dim, kind }) => {
        const random = new Random(seed)
        const all = KINDS[kind]!(random, rows, dim)
        const [reference, query] = [matrix(all), matrix(all.slice(0, 5).map((row) => row.map((value) => value * (0.9 + 0.1 * random.uniform()))))]
        const scorer = productScorer(formula, { values: reference.embeddings, rows, dim }, 0)
        if (how === 'sharpened') scorer.sharpen!()
        const queries = rowsOf(query).map(ready)
        const tile = scorer.prepare({ values: query.embeddings, rows: queries.length, dim }, { firstRow: 0, rowCount: queries.length })
        const onDevice = tf.tidy(() => tile.scores())
        const [scores, width] = [onDevice.dataSync<'float32'>(), onDevice.shape[1]]
        onDevice.dispose()
        if (how === 'sharpened while a tile is under way') scorer.sharpen!()
        scorer.dispose()
        const references = rowsOf(reference).map(ready)
        const centre = references[0]!.map((_, i) => references.reduce((sum, other) => sum + other[i]!, 0) / rows)
        const largest = Math.max(...references.map((other) => Math.hypot(...other.map((value, i) => value - centre[i]!))))
        queries.forEach((one, row) => {
          const own = scores.subarray(row * width, row * width + rows)
          const trust = tile.trust(row, own)
          const exact = references.map((other) => score(one, other))
          // Float64 errs, too, relative to what it adds up.
          const size = Math.max(...exact.map(Math.abs))
          const astray: string[] = []
          for (let a = 0; a < rows; a++) {
            for (let b = 0; b < rows; b++) {
              if (!Number.isFinite(own[a]!)) astray.push(`${own[a]} at ${a}`)
              if (!(own[a]! - own[b]! > windowAt(own[b]!, trust))) continue
              const stated = own[b]! < trust.settled ? 2 ** -20 * (formula.kind === 'dotProduct' ? Math.hypot(...one) * largest : Math.abs(exact[b]!)) : 0
              if (exact[a]! - exact[b]! < -stated - 1e-13 * size) astray.push(`${a} before ${b}`)
            }
          }
          expect(astray).toEqual([])
        })
      }),
      { numRuns: 40, seed: 9 },
    )
  })
})
