import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { relationsOf } from '../labels/relations.js'
import { gatherColumns, toPairSelection, toTripletSelection } from './convert-selection.js'
import { selectAllPairs, selectAllTriplets } from './select-all.js'
import { indicesFromSelection } from './selection-indices.js'

const relations = relationsOf([0, 0, 1, 1, 1])

describe('toTripletSelection', () => {
  it('makes all triplets of all pairs', async () => {
    const joined = toTripletSelection(selectAllPairs(relations), relations)
    expect(joined.weights.arraySync()).toEqual(selectAllTriplets(relations).weights.arraySync())
    const { anchor, positive, negative } = await indicesFromSelection(joined)
    expect(anchor.length).toBe(2 * 1 * 3 + 3 * 2 * 2)
    expect([anchor[0], positive[0], negative[0]]).toEqual([0, 1, 2])
  })
})

describe('toPairSelection', () => {
  it('counts a pair once for each triplet it occurs in', () => {
    const pairs = toPairSelection(selectAllTriplets(relations))
    expect(pairs.positive.arraySync()[0]).toEqual([0, 3, 0, 0, 0])
    expect(pairs.negative.arraySync()[2]).toEqual([2, 2, 0, 0, 0])
  })
})

describe('gatherColumns', () => {
  it('gathers, and sends gradients back to the cells they came from', () => {
    const matrix = tf.tensor2d([[1, 2, 3], [4, 5, 6]])
    const index = tf.tensor2d([[2, 0], [1, 1]], [2, 2], 'int32')
    expect(gatherColumns(matrix, index).arraySync()).toEqual([[3, 1], [5, 5]])
    const gradient = tf.grad((x: tf.Tensor) => tf.sum(tf.square(gatherColumns(x as tf.Tensor2D, index))))(matrix)
    expect(gradient.arraySync()).toEqual([[2, 0, 6], [0, 20, 0]])
  })
})
