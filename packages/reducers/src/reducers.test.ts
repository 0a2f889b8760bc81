import * as tf from '@tensorflow/tfjs-core'
import { LabelRelations, type LossTerm, type Reducer } from '@metric-learning/core'
import { describe, expect, it } from 'vitest'
import { AvgNonZeroReducer } from './avg-non-zero-reducer.js'
import { MeanReducer } from './mean-reducer.js'

const labels = new LabelRelations([0, 0, 1])
const values = tf.tensor2d([[1, -3, NaN], [0, 5, 2]])
const weights = tf.tensor2d([[1, 1, 0], [1, 2, 0]])

const reduced = (reducer: Reducer, term: LossTerm) => reducer.reduce(term, labels, 'loss').arraySync()
const gradient = (reducer: Reducer, v: tf.Tensor, w: tf.Tensor) =>
  Array.from(tf.grad((x: tf.Tensor) => reducer.reduce({ over: 'pair', values: x, weights: w }, labels, 'loss'))(v).dataSync())

describe('MeanReducer', () => {
  it('counts each value by its weight, and a weight of 0 not at all', () => {
    expect(reduced(new MeanReducer(), { over: 'pair', values, weights })).toBeCloseTo((1 - 3 + 0 + 2 * 5) / 5, 6)
    const expected = [0.2, 0.2, 0, 0.2, 0.4, 0]
    gradient(new MeanReducer(), values, weights).forEach((g, i) => expect(g).toBeCloseTo(expected[i]!, 6))
  })
})

describe('AvgNonZeroReducer', () => {
  it('leaves out what is not above 0', () => {
    expect(reduced(new AvgNonZeroReducer(), { over: 'pair', values, weights })).toBeCloseTo((1 + 2 * 5) / 3, 6)
    const expected = [1 / 3, 0, 0, 0, 2 / 3, 0]
    gradient(new AvgNonZeroReducer(), values, weights).forEach((g, i) => expect(g).toBeCloseTo(expected[i]!, 6))
  })
})

describe.each([new MeanReducer(), new AvgNonZeroReducer()])('$name', (reducer) => {
  it('is 0 with gradient 0 when nothing is selected', () => {
    const none = tf.zerosLike(weights)
    expect(reduced(reducer, { over: 'pair', values, weights: none })).toBe(0)
    expect(gradient(reducer, values, none)).toEqual([0, 0, 0, 0, 0, 0])
  })

  it('does not hide a NaN that is selected', () => {
    expect(reduced(reducer, { over: 'pair', values, weights: tf.onesLike(weights) })).toBeNaN()
  })

  it('passes on what is reduced already', () => {
    expect(reduced(reducer, { over: 'reduced', values: tf.scalar(-7) })).toBe(-7)
  })

  it('leaves one tensor behind', () => {
    const before = tf.memory().numTensors
    reducer.reduce({ over: 'pair', values, weights }, labels, 'loss').dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  it('refuses weights that do not fit, and options', () => {
    const term: LossTerm = { over: 'pair', values, weights: tf.ones([2]) }
    expect(() => reduced(reducer, term)).toThrow('weights of the shape of the pair values, [2, 3], got [2]')
    expect(() => new MeanReducer({ low: 0 } as never)).toThrow('wanted no options, got `low`')
  })
})
