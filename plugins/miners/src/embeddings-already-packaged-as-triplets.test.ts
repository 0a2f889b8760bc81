import * as tf from '@tensorflow/tfjs-core'
import { indicesFromSelection } from '@metric-learning/ops'
import { describe, expect, it } from 'vitest'
import { EmbeddingsAlreadyPackagedAsTriplets } from './embeddings-already-packaged-as-triplets.js'

const miner = new EmbeddingsAlreadyPackagedAsTriplets()
const rows = (count: number) => tf.randomNormal<tf.Rank.R2>([count, 2], 0, 1, 'float32', 1)

describe('EmbeddingsAlreadyPackagedAsTriplets', () => {
  it('takes rows in threes, whatever their labels', async () => {
    expect(await indicesFromSelection(miner.mine(rows(6), [0, 1, 0, 1, 1, 1]))).toEqual({ anchor: [0, 3], positive: [1, 4], negative: [2, 5] })
  })

  it('refuses rows that are left over, and references that are missing', () => {
    expect(() => miner.mine(rows(7), [0, 0, 1, 0, 0, 1, 0])).toThrow('a multiple of 3 rows, got 7')
    const references = { refEmbeddings: rows(5), refLabels: [0, 0, 1, 0, 0] }
    expect(() => miner.mine(rows(6), [0, 0, 1, 0, 0, 1], { references })).toThrow('a reference of each of the 6 rows, got 5')
  })
})
