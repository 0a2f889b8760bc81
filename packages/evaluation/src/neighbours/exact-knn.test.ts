import * as tf from '@tensorflow/tfjs-core'
import { DataError, OptionError, Random, ShapeError } from '@metric-learning/contracts'
import { describe, expect, it } from 'vitest'
import { ExactKnn } from './exact-knn.js'

const rowsOf = (values: ArrayLike<number>, width: number) =>
  Array.from({ length: values.length / width }, (_, row) => Array.from(values).slice(row * width, (row + 1) * width))

function randomRows(rows: number, dim: number, seed: number, offset = 0) {
  const random = new Random(seed)
  return { embeddings: Float32Array.from({ length: rows * dim }, () => offset + random.normal()), dim }
}

/** Squared distances in double precision, sorted, lowest row first among equals. */
function bruteForce(query: Float32Array, reference: Float32Array, dim: number, k: number, skipSelf: boolean) {
  return rowsOf(query, dim).map((q, self) =>
    rowsOf(reference, dim)
      .map((r, row) => ({ row, distance: r.reduce((sum, value, i) => sum + (value - q[i]!) ** 2, 0) }))
      .filter(({ row }) => !skipSelf || row !== self)
      .sort((a, b) => a.distance - b.distance || a.row - b.row)
      .slice(0, k),
  )
}

describe('ExactKnn', () => {
  it.each([1, 300, 1e6])('finds the same as a loop over all pairs, in tiles of %s bytes', async (tileBytes) => {
    const query = randomRows(7, 5, 1)
    const reference = randomRows(11, 5, 2)
    const found = await new ExactKnn({ tileBytes }).search({ query, reference, k: 4 })
    const wanted = bruteForce(query.embeddings, reference.embeddings, 5, 4, false)
    expect(found).toMatchObject({ rowCount: 7, k: 4 })
    expect(rowsOf(found.indices, 4)).toEqual(wanted.map((row) => row.map((entry) => entry.row)))
    wanted.flat().forEach(({ distance }, i) => {
      expect(found.distances[i]).toBeCloseTo(distance, 4)
    })
  })

  it('never finds a query itself among references that include it, and cuts k to what exists', async () => {
    const { embeddings, dim } = randomRows(9, 3, 3)
    const found = await new ExactKnn({ tileBytes: 400 }).search({ query: { embeddings, dim }, k: 100 })
    expect(found.k).toBe(8)
    const wanted = bruteForce(embeddings, embeddings, dim, 8, true)
    expect(rowsOf(found.indices, 8)).toEqual(wanted.map((row) => row.map((entry) => entry.row)))
  })

  it('keeps small distances between embeddings far from the origin', async () => {
    const query = randomRows(6, 4, 4, 1000)
    const found = await new ExactKnn().search({ query, k: 5 })
    const wanted = bruteForce(query.embeddings, query.embeddings, 4, 5, true)
    expect(rowsOf(found.indices, 5)).toEqual(wanted.map((row) => row.map((entry) => entry.row)))
  })

  it('puts exact duplicates first, at distance 0, lowest row first', async () => {
    const row = Array.from(randomRows(1, 16, 5).embeddings)
    const near = row.map((value) => value + 1e-6)
    const reference = tf.tensor2d([near, row, near, row, row.map((value) => -value)])
    const { indices, distances } = await new ExactKnn().search({ query: tf.tensor2d([row]), reference, k: 5 })
    expect(Array.from(indices)).toEqual([1, 3, 0, 2, 4])
    expect(Array.from(distances.subarray(0, 2))).toEqual([0, 0])
  })

  it('ranks references of equal distance by row', async () => {
    const reference = { embeddings: Float32Array.from([1, 0, -1, 0, 0, 1, 0, -1]), dim: 2 }
    const query = { embeddings: new Float32Array(2), dim: 2 }
    const { indices } = await new ExactKnn().search({ query, reference, k: 4 })
    expect(Array.from(indices)).toEqual([0, 1, 2, 3])
  })

  it('leaves no tensor behind, not even when the caller stops early', async () => {
    const query = randomRows(9, 3, 6)
    const before = tf.memory().numTensors
    await new ExactKnn().search({ query, k: 2 })
    for await (const tile of new ExactKnn({ tileBytes: 1 }).tiles({ query, k: 2 })) {
      expect(tile.rowCount).toBe(1)
      break
    }
    expect(tf.memory().numTensors).toBe(before)
  })

  it('says what does not fit', async () => {
    const query = randomRows(3, 2, 7)
    const knn = new ExactKnn()
    await expect(knn.search({ query, k: 0 })).rejects.toThrow(OptionError)
    await expect(knn.search({ query, reference: randomRows(3, 4, 8), k: 1 })).rejects.toThrow(
      'ExactKnn: wanted `reference` of shape [rows, 2], as wide as `query`, got [3, 4].',
    )
    await expect(knn.search({ query, reference: randomRows(2, 2, 8), k: 1, refIncludesQuery: true })).rejects.toThrow(ShapeError)
    await expect(knn.search({ query: { embeddings: Float32Array.of(1, NaN), dim: 1 }, k: 1 })).rejects.toThrow(DataError)
    await expect(knn.search({ query: { embeddings: new Float32Array(3), dim: 2 }, k: 1 })).rejects.toThrow(ShapeError)
    const scheduled = { [Symbol.for('metric-learning.scheduled')]: true, value: 0.5, restrict: () => undefined }
    expect(() => new ExactKnn({ tileBytes: scheduled as never })).toThrow('`tileBytes` to be a plain number, got one that is scheduled')
    expect(() => new ExactKnn({ batchSize: 4 } as object)).toThrow(OptionError)
  })
})
