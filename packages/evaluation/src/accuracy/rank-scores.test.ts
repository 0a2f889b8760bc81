import { Random, type Knn } from '@metric-learning/contracts'
import { describe, expect, it } from 'vitest'
import { ExactKnn } from '../neighbours/exact-knn.js'
import { AccuracyCalculator } from './accuracy-calculator.js'
import { LabelMatches } from './label-matches.js'
import { rankScores } from './rank-scores.js'

const one = (labels: number[]) => labels.map((label) => [label])

describe('rankScores', () => {
  it('ranks matches among all references, of equals the lower row first', () => {
    const labels = new LabelMatches({
      query: one([7]),
      reference: one([7, 1, 7, 2, 7, 3]),
      refIncludesQuery: true,
    })
    // Row 0 is the query itself. Row 1 ties with row 2, row 5 with row 4.
    const scores = Float32Array.of(0, -1, -1, -2, -3, -3)
    const [found] = rankScores({ firstRow: 0, rowCount: 1, scores }, labels, true)
    expect(Array.from(found!.ranking.matchRanks)).toEqual([2, 4])
    expect(found!.ranking).toMatchObject({ matchCount: 2, k: 5 })
  })

  it('gives the same accuracies as sorted neighbours, ties and all', async () => {
    const random = new Random(3)
    const count = 60
    // A coarse grid, so that many distances and many rows are equal.
    const query = { embeddings: Float32Array.from({ length: 2 * count }, () => random.int(5)), dim: 2 }
    const queryLabels = Int32Array.from({ length: count }, () => random.int(6))
    const exact = new ExactKnn({ tileBytes: 5000 })
    const sorting: Knn = { tiles: (request) => exact.tiles(request) }
    const references = { reference: query, referenceLabels: queryLabels.map((label) => (label + 1) % 6) }
    const labelComparison = ([a]: readonly number[], [b]: readonly number[]) => (a! - b!) % 2 === 0
    for (const [request, options] of [
      [{ query, queryLabels }, {}],
      [{ query, queryLabels, ...references }, {}],
      [{ query, queryLabels }, { labelComparison }],
    ] as const) {
      const accuracyBy = (knn: Knn) =>
        new AccuracyCalculator({ exclude: ['AMI', 'NMI'], knn, returnPerClass: true, ...options }).getAccuracy(request)
      expect(await accuracyBy(exact)).toEqual(await accuracyBy(sorting))
    }
  })
})
