import { DataError, OptionError } from '@metric-learning/contracts'
import { AccuracyCalculator } from '@metric-learning/evaluation'
import { describe, expect, it } from 'vitest'
import { GlobalTwoStreamEmbeddingSpaceTester } from './global-two-stream-embedding-space-tester.js'
import { rowsDataset, scaled } from './toy-tests.fixture.js'

/** Sketches lie near a photograph of their own class, but the second, which lies near one of another. */
const sketches = [[0, 1], [1, 0.1], [1, 0]]
const photographs = [[0.1, 1], [0.6, 0.5], [0.9, 0.1]]
const columns = { family: { labels: Int32Array.of(0, 1, 1) } }
const pairs = rowsDataset([0, 1, 2], [sketches, photographs], columns)
const accuracyCalculator = new AccuracyCalculator({ include: ['precisionAt1', 'meanAveragePrecisionAtR'] })

describe('GlobalTwoStreamEmbeddingSpaceTester', () => {
  it('looks first views up among second ones, that of the same sample included', async () => {
    const tester = new GlobalTwoStreamEmbeddingSpaceTester({ splits: { pairs }, accuracyCalculator, normalizeEmbeddings: false })
    const { metrics, splits, warnings } = await tester.test({ trunk: scaled(2) })
    expect(metrics['pairs']!['precisionAt1']).toBeCloseTo(2 / 3, 12)
    expect(splits.map(({ name, embeddings }) => [name, [...embeddings]])).toEqual([
      ['pairs', sketches.flat().map(Math.fround)],
      ['pairs references', photographs.flat().map(Math.fround)],
    ])
    expect(warnings).toEqual([])
  })

  it('judges any level', async () => {
    const tester = new GlobalTwoStreamEmbeddingSpaceTester({ splits: { pairs }, labels: ['labels', 'family'], accuracyCalculator, normalizeEmbeddings: false })
    const { metrics } = await tester.test({ trunk: scaled(2) })
    expect(metrics['pairs']).toMatchObject({ 'family/precisionAt1': 1, 'labels/precisionAt1': expect.closeTo(2 / 3, 12) })
  })

  it('embeds second views by another network where there is one', async () => {
    const tester = new GlobalTwoStreamEmbeddingSpaceTester({ splits: { pairs }, accuracyCalculator, normalizeEmbeddings: false, secondStream: { trunk: scaled(2, -1) } })
    const { splits } = await tester.test({ trunk: scaled(2) })
    expect([...splits[0]!.embeddings, ...splits[1]!.embeddings]).toEqual([...sketches.flat(), ...photographs.flat().map((value) => -value)].map(Math.fround))
    await expect(tester.test({ trunk: scaled(3) })).rejects.toThrow('wanted embeddings of 3 numbers from `secondStream`, as from the first, got 2')
    tester.dispose()
  })

  it('refuses one view, and other references', () => {
    const single = rowsDataset([0, 1], [[[0, 1], [1, 0]]])
    expect(() => new GlobalTwoStreamEmbeddingSpaceTester({ splits: { single } })).toThrow(DataError)
    expect(() => new GlobalTwoStreamEmbeddingSpaceTester({ splits: { pairs: { dataset: pairs, references: ['more'] }, more: pairs } })).toThrow(OptionError)
  })
})
