import * as tf from '@tensorflow/tfjs-core'
import { OptionError } from '@metric-learning/contracts'
import { indicesFromSelection, relationsToDeviceLabels } from '@metric-learning/ops'
import { describe, expect, it } from 'vitest'
import { BatchHardMiner } from './batch-hard-miner.js'
import { EmbeddingsAlreadyPackagedAsTriplets } from './embeddings-already-packaged-as-triplets.js'
import { UnionMiner } from './union-miner.js'

const miner = new EmbeddingsAlreadyPackagedAsTriplets()
const rows = (count: number) => tf.randomNormal<tf.Rank.R2>([count, 2], 0, 1, 'float32', 1)

describe('EmbeddingsAlreadyPackagedAsTriplets', () => {
  it('takes rows in threes, whatever their labels', async () => {
    expect(await indicesFromSelection(miner.mine(rows(6), [0, 1, 0, 1, 1, 1]))).toEqual({ anchor: [0, 3], positive: [1, 4], negative: [2, 5] })
  })

  it('does so within another, beside what goes by labels', async () => {
    const union = new UnionMiner({ miners: [miner, new BatchHardMiner()] })
    expect(await indicesFromSelection(union.mine(rows(6), [0, 1, 2, 3, 4, 5]))).toEqual({ anchor: [0, 3], positive: [1, 4], negative: [2, 5] })
  })

  it('refuses rows that are left over, and references that are missing', () => {
    expect(() => miner.mine(rows(7), [0, 0, 1, 0, 0, 1, 0])).toThrow('a multiple of 3 rows, got 7')
    const references = { refEmbeddings: rows(5), refLabels: [0, 0, 1, 0, 0] }
    expect(() => miner.mine(rows(6), [0, 0, 1, 0, 0, 1], { references })).toThrow('a reference of each of the 6 rows, got 5')
  })

  it('refuses a memory, whose slots are no rows of this batch', () => {
    const refLabelTensor = tf.tensor1d([0, 0, 1, 0, 0, 1, 2, 2, 2], 'int32')
    const memory = relationsToDeviceLabels([0, 0, 1, 0, 0, 1], { refLabelTensor, isFilled: tf.ones([9]) })
    expect(() => miner.mine(rows(6), memory, { references: { refEmbeddings: rows(9) } })).toThrow(OptionError)
    expect(() => miner.mine(rows(6), memory, { references: { refEmbeddings: rows(9) } })).toThrow('references of the same rows, got slots of a memory')
  })
})
