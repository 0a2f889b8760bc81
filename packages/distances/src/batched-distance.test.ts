import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { BatchedDistance } from './batched-distance.js'
import { LpDistance } from './lp-distance.js'

const distance = new LpDistance({ normalizeEmbeddings: false })
const query = tf.tensor2d([[0], [1], [3], [7], [15]])

describe('BatchedDistance', () => {
  it('gives the rows of the whole matrix, and leaves no tensor behind', () => {
    const rows: number[][] = []
    const starts: number[] = []
    const iterFn = (block: tf.Tensor2D, start: number) => {
      rows.push(...block.arraySync())
      starts.push(start)
    }
    const before = tf.memory().numTensors
    new BatchedDistance({ distance, iterFn, batchSize: 2 }).forEachBlock(query)
    expect(tf.memory().numTensors).toBe(before)
    expect(starts).toEqual([0, 2, 4])
    expect(rows).toEqual(distance.matrix(query).arraySync())
  })

  it('says what is wrong', () => {
    const iterFn = () => undefined
    expect(() => new BatchedDistance({ distance, iterFn, batchSize: 0 })).toThrow('`batchSize` to be an integer of at least 1, got 0')
    expect(() => new BatchedDistance({ distance, iterFn }).forEachBlock(query, tf.ones([2, 3]))).toThrow('`references` of shape [m, 1]')
  })
})
