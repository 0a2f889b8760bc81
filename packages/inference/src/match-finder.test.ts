import * as tf from '@tensorflow/tfjs-core'
import { DataError, OptionError, Random, ShapeError, type Distance, type Embeddings } from '@metric-learning/contracts'
import { BaseDistance, CosineSimilarity, DotProductSimilarity, LpDistance, SNRDistance, type DistanceOptions } from '@metric-learning/distances'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MatchFinder } from './match-finder.js'

const matrix = (rows: readonly (readonly number[])[]): Embeddings => ({ embeddings: Float32Array.from(rows.flat()), dim: rows[0]!.length })

/** A distance of one's own: nothing is known of its rounding. */
class ManhattanOfSquares extends BaseDistance {
  constructor(options: DistanceOptions = {}) {
    super('ManhattanOfSquares', options, { isInverted: false, options: ['normalizeEmbeddings', 'p', 'power'] })
  }
  protected computeMatrix(query: tf.Tensor2D, references: tf.Tensor2D): tf.Tensor2D {
    return tf.sum<tf.Tensor2D>(tf.abs(tf.sub(tf.expandDims(tf.square(query), 1), tf.expandDims(tf.square(references), 0))), 2)
  }
  protected computeRows(query: tf.Tensor2D, references: tf.Tensor2D): tf.Tensor1D {
    return tf.sum<tf.Tensor1D>(tf.abs(tf.sub(tf.square(query), tf.square(references))), 1)
  }
  pairwiseDistance(query: tf.Tensor2D, references: tf.Tensor2D): tf.Tensor1D {
    return this.computeRows(query, references)
  }
}

const distances: readonly (readonly [string, Distance])[] = [
  ['cosine', new CosineSimilarity()],
  ['cosine squared', new CosineSimilarity({ power: 2 })],
  ['dot product', new DotProductSimilarity({ normalizeEmbeddings: false })],
  ['Euclidean', new LpDistance()],
  ['squared Euclidean of raw embeddings', new LpDistance({ normalizeEmbeddings: false, power: 2 })],
  ['city block', new LpDistance({ p: 1, normalizeEmbeddings: false })],
  ['SNR', new SNRDistance()],
  ['of one’s own', new ManhattanOfSquares()],
]

describe('MatchFinder', () => {
  it('goes the way of the distance: at most the threshold, or at least', async () => {
    const [query, references] = [matrix([[1, 0]]), matrix([[1, 0], [0.6, 0.8], [-1, 0]])]
    const near = new MatchFinder({ distance: new LpDistance(), threshold: 1 })
    const alike = new MatchFinder({ distance: new CosineSimilarity(), threshold: 0.5 })
    for (const finder of [near, alike]) expect(await finder.getMatchingPairs(query, references)).toEqual([[true, true, false]])
    expect(await near.getMatchingPairs(query, references, { threshold: 0.1 })).toEqual([[true, false, false]])
    expect(await alike.getMatchingPairs(query, references, { threshold: -1 })).toEqual([[true, true, true]])
  })

  it('leaves nothing on the device where the distance fails', async () => {
    const distance = new LpDistance()
    distance.matrix = () => {
      throw new Error('of one’s own')
    }
    const before = tf.memory().numTensors
    await expect(new MatchFinder({ distance, threshold: 1 }).getMatchingPairs(matrix([[1, 0]]), matrix([[0, 1]]))).rejects.toThrow('of one’s own')
    expect(tf.memory().numTensors).toBe(before)
  })

  it('normalises and raises for single pairs as for matrices, where PyTorch Metric Learning does neither', async () => {
    const finder = new MatchFinder({ distance: new CosineSimilarity(), threshold: 0.9 })
    const [x, y] = [matrix([[0.1, 0.1]]), matrix([[30, 30]])]
    expect([await finder.isMatch(x, y), await finder.getMatchingPairs(x, y)]).toEqual([[true], [[true]]])
    const raised = new MatchFinder({ distance: new LpDistance({ normalizeEmbeddings: false, power: 2 }), threshold: 5 })
    expect(await raised.isMatch(matrix([[0], [0]]), matrix([[2], [3]]))).toEqual([true, false])
  })

  describe.each(distances)('by the distance %s', (_, distance) => {
    it('agrees with itself about every pair, also at thresholds that are distances, of rows that are equal, far off or in one line', async () => {
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 1, max: 9 }), fc.constantFrom(0, 1e3), fc.integer(), async (count, offset, seed) => {
          const random = new Random(seed)
          const rows = Array.from({ length: count }, () => Array.from({ length: 6 }, () => random.normal() + offset))
          const others = rows.map((row, i) => (i % 3 === 0 ? row : i % 3 === 1 ? row.map((value) => 2 * value) : rows[(i + 1) % count]!))
          const [x, y] = [matrix(rows), matrix(others)]
          const thresholds = tf.tidy(() => distance.betweenRows(tf.tensor2d(rows), tf.tensor2d(others)).arraySync())
          for (const threshold of [...thresholds.slice(0, 3), 0, 1]) {
            const finder = new MatchFinder({ distance, threshold })
            const [singles, all] = [await finder.isMatch(x, y), await finder.getMatchingPairs(x, y)]
            expect(all.map((row, i) => row[i])).toEqual(singles)
            const tuples = await finder.getMatchingPairs(x, y, { returnTuples: true })
            expect(tuples).toEqual(all.flatMap((row, i) => row.flatMap((isMatch, j) => (isMatch ? [[i, j]] : []))))
            const alone = await Promise.all(rows.map((row, i) => finder.isMatch(matrix([row]), matrix([others[i]!]))))
            expect(alone.flat()).toEqual(singles)
          }
        }),
        { numRuns: 12 },
      )
    })
  })

  it('compares a set with itself: (i, i) is a row with itself, and may be left out; equal rows of two sets are no such pairs', async () => {
    const finder = new MatchFinder({ distance: new LpDistance({ normalizeEmbeddings: false }), threshold: 0 })
    const rows = matrix([[1e4 + 0.1], [2], [1e4 + 0.1]])
    expect(await finder.getMatchingPairs(rows, undefined, { returnTuples: true })).toEqual([[0, 0], [0, 2], [1, 1], [2, 0], [2, 2]])
    expect(await finder.getMatchingPairs(rows, undefined, { returnTuples: true, includeSelf: false })).toEqual([[0, 2], [2, 0]])
    expect(await finder.getMatchingPairs(rows, rows, { returnTuples: true })).toEqual([[0, 0], [0, 2], [1, 1], [2, 0], [2, 2]])
  })

  it('agrees with itself about rows that are nearer than a product can tell, and hardly apart from the threshold', async () => {
    const random = new Random(8)
    const rows = Array.from({ length: 40 }, () => Array.from({ length: 16 }, () => random.normal() + 100))
    const others = rows.map((row, i) => row.map((value, j) => (j === i % 16 ? Math.fround(value) + 2 ** -17 * (i % 5) : value)))
    for (const distance of [new LpDistance({ normalizeEmbeddings: false }), new LpDistance(), new CosineSimilarity()]) {
      for (const threshold of [0, 1e-9, 1e-5, 3e-5, 1, 1 - 2 ** -24]) {
        const finder = new MatchFinder({ distance, threshold })
        const all = await finder.getMatchingPairs(matrix(rows), matrix(others))
        expect(all.map((row, i) => row[i])).toEqual(await finder.isMatch(matrix(rows), matrix(others)))
      }
    }
  })

  it('takes tensors too, is not bound by the size of a block, and leaves nothing on the device', async () => {
    const random = new Random(3)
    const rows = Array.from({ length: 500 }, () => [random.normal(), random.normal()])
    const tensor = tf.tensor2d(rows)
    const before = tf.memory().numTensors
    for (const distance of [new LpDistance(), new ManhattanOfSquares()]) {
      const finder = new MatchFinder({ distance, threshold: 0.3 })
      const [of, from] = [await finder.getMatchingPairs(tensor), await finder.getMatchingPairs(matrix(rows))]
      expect(of).toEqual(from)
      expect(await finder.isMatch(tensor, tensor)).toEqual(rows.map(() => true))
    }
    expect(tf.memory().numTensors).toBe(before)
    tensor.dispose()
  })

  it('says what does not fit', async () => {
    const finder = new MatchFinder({ distance: new LpDistance() })
    const rows = matrix([[1, 2], [3, 4]])
    await expect(finder.isMatch(rows, rows)).rejects.toThrow('MatchFinder: wanted a `threshold`, got none. Give it to the finder, or to this call.')
    await expect(finder.isMatch(rows, rows, { threshold: NaN })).rejects.toThrow(OptionError)
    await expect(finder.isMatch(rows, rows, { threshold: -0.1 })).rejects.toThrow('`threshold` to be a number of at least 0, got -0.1')
    for (const threshold of [90, -1.5]) expect(() => new MatchFinder({ distance: new CosineSimilarity(), threshold })).toThrow(`wanted \`threshold\` to be a cosine, from -1 to 1, got ${threshold}`)
    expect(() => new MatchFinder({ distance: new CosineSimilarity({ p: 3 }), threshold: 1.5 })).not.toThrow()
    await expect(finder.isMatch(rows, matrix([[1, 2]]), { threshold: 1 })).rejects.toThrow(ShapeError)
    await expect(finder.getMatchingPairs(rows, matrix([[1, 2, 3]]), { threshold: 1 })).rejects.toThrow('wanted `references` of shape [rows, 2]')
    await expect(finder.getMatchingPairs(rows, rows, { threshold: 1, includeSelf: false })).rejects.toThrow('`includeSelf` where references are left out')
    await expect(finder.getMatchingPairs(rows, undefined, { threshold: 1, includeSelf: 'no' as never })).rejects.toThrow('`includeSelf` to be true or false, got "no"')
    await expect(finder.getMatchingPairs(rows, rows, { threshold: 1, returnTuples: 1 as never })).rejects.toThrow(OptionError)
    await expect(finder.getMatchingPairs(rows, rows, { treshold: 1 } as object)).rejects.toThrow(OptionError)
    await expect(finder.getMatchingPairs(matrix([[NaN, 1]]), rows, { threshold: 1 })).rejects.toThrow(DataError)
    const roots = new MatchFinder({ distance: new CosineSimilarity({ power: 0.5 }), threshold: 0.5 })
    await expect(roots.getMatchingPairs(matrix([[1, 0]]), matrix([[-1, 0]]))).rejects.toThrow('wanted a number from CosineSimilarity between any two embeddings, got NaN between row 0 and row 0')
    expect(() => new MatchFinder({ distance: LpDistance as never })).toThrow('`distance` to be an object with `matrix` and `betweenRows`')
    expect(() => new MatchFinder({ distance: new LpDistance(), threshold: '1' as never })).toThrow(OptionError)
  })
})
