import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import type { PickedTriplets, Selection, TripletRule } from '@metric-learning/contracts'
import { firstDrawPosition } from '../device-draws.js'
import { relationsOf } from '../labels/relations.js'
import { gatherColumns, toPairSelection, toTripletRule, toTripletSelection } from './convert-selection.js'
import { drawTriplets } from './draw-triplets.js'
import { elementWeights } from './element-weights.js'
import { expectSelection } from './expect-selection.js'
import { selectAllPairs, selectAllTriplets } from './select-all.js'
import { indicesFromSelection, selectionFromIndices } from './selection-indices.js'
import { weighPositives } from './triplet-rules.js'

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

describe('toTripletRule', () => {
  const dense = selectAllTriplets(relations)
  it.each(Object.entries({
    pairs: selectAllPairs(relations),
    picked: drawTriplets(relations, 3, { position: firstDrawPosition(), purpose: 'test', seed: 0 }),
    dense,
    // Positives in an order of its own.
    listed: selectionFromIndices({ anchor: [0, 2, 4, 4], positive: [1, 4, 3, 2], negative: [3, 1, 0, 1] }, relations),
    rule: toTripletRule(dense, relations),
  }))('has the triplets of %s, over the positives that labels give', async (_, selection) => {
    const tuples = async (of: Selection) => {
      const { anchor, positive, negative } = await indicesFromSelection(toTripletSelection(of, relations))
      return Array.from(anchor, (a, i) => `${a} ${positive[i]} ${negative[i]}`).sort()
    }
    const rule = toTripletRule(selection, relations)
    expect(rule.positiveIndex).toBe(relations.positiveIndex)
    expect(await tuples(rule)).toEqual(await tuples(selection))
  })
})

describe('toPairSelection', () => {
  it('counts a pair once for each triplet it occurs in', () => {
    const pairs = toPairSelection(selectAllTriplets(relations))
    expect(pairs.positive.arraySync()[0]).toEqual([0, 3, 0, 0, 0])
    expect(pairs.negative.arraySync()[2]).toEqual([2, 2, 0, 0, 0])
  })
})

describe('Triplets by a rule', () => {
  const { positiveIndex, positiveIndexMask } = relations
  const dense = selectAllTriplets(relations)
  /** Those whose negative comes after the anchor. */
  const later = tf.mul(relations.negatives(), tf.cast(tf.greater(tf.range(0, 5), tf.expandDims(tf.range(0, 5), 1)), 'float32')) as tf.Tensor2D
  const rule: TripletRule = {
    kind: 'tripletRule',
    positiveIndex,
    referenceCount: 5,
    constants: [positiveIndexMask, later],
    whole: [tf.scalar(2)],
    weights: ({ constants: [positives, negatives], whole: [factor] }) => tf.mul(tf.mul(tf.expandDims(positives!, 2), tf.expandDims(negatives!, 1)), factor!),
  }
  const asDense = { ...dense, weights: tf.mul(tf.mul(dense.weights, 2), tf.expandDims(later, 1)) as tf.Tensor3D }

  it('are the dense ones, as pairs and by row numbers', async () => {
    expect(toTripletSelection(rule, relations).weights.arraySync()).toEqual(asDense.weights.arraySync())
    for (const kind of ['positive', 'negative'] as const) expect(toPairSelection(rule)[kind].arraySync()).toEqual(toPairSelection(asDense)[kind].arraySync())
    expect(await indicesFromSelection(rule)).toEqual(await indicesFromSelection(asDense))
    expect(elementWeights(rule, relations).arraySync()).toEqual(elementWeights(asDense, relations).arraySync())
  })

  it('leave nothing behind but what they are turned into', () => {
    const before = tf.memory().numTensors
    tf.dispose(Object.values(toPairSelection(rule)).filter((value) => value instanceof tf.Tensor))
    toTripletSelection(rule, relations).weights.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  it('change weights of positives', () => {
    const factors = tf.tensor2d([[1, 1], [0, 0], [1, 0], [1, 1], [1, 1]])
    const wanted = tf.mul(asDense.weights, tf.expandDims(factors, 2))
    expect(toTripletSelection(weighPositives(rule, factors), relations).weights.arraySync()).toEqual(wanted.arraySync())
  })
})

describe('Picked triplets', () => {
  const picked: PickedTriplets = {
    kind: 'pickedTriplets',
    positiveIndex: tf.tensor2d([[1, 1], [0, 0], [3, 4], [2, 2], [2, 3]], [5, 2], 'int32'),
    negativeIndex: tf.tensor2d([[2, 2], [4, 3], [0, 1], [0, 0], [1, 1]], [5, 2], 'int32'),
    weights: tf.tensor2d([[1, 1], [1, 0], [1, 1], [0, 0], [1, 1]]),
    referenceCount: 5,
  }
  const listed = { anchor: [0, 0, 1, 2, 2, 4, 4], positive: [1, 1, 0, 3, 4, 2, 3], negative: [2, 2, 4, 0, 1, 1, 1] }

  it('are the same by row numbers, as pairs and densely', async () => {
    expect(await indicesFromSelection(picked)).toEqual(listed)
    const dense = selectionFromIndices(listed, relations)
    for (const kind of ['positive', 'negative'] as const) expect(toPairSelection(picked)[kind].arraySync()).toEqual(toPairSelection(dense)[kind].arraySync())
    const { anchor, positive, negative } = await indicesFromSelection(toTripletSelection(picked, relations))
    const sorted = (of: { anchor: ArrayLike<number>; positive: ArrayLike<number>; negative: ArrayLike<number> }) =>
      Array.from(of.anchor, (a, i) => `${a} ${of.positive[i]} ${of.negative[i]}`).sort()
    expect(sorted({ anchor, positive, negative })).toEqual(sorted(listed))
    expect(elementWeights(picked, relations).arraySync()).toEqual(elementWeights(dense, relations).arraySync())
  })

  it('are checked', () => {
    expect(() => { expectSelection('X', picked, { queryCount: 5, referenceCount: 6 }) }).toThrow('X: wanted `selection` among 6 references, got 5')
    expect(() => { expectSelection('X', { ...picked, negativeIndex: tf.zeros([5, 1], 'int32') }, relations) }).toThrow('`selection.negativeIndex` of shape [5, 2]')
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
