import * as tf from '@tensorflow/tfjs-core'
import type { LossTerm, Reducer } from '@metric-learning/contracts'
import { relationsOf } from '@metric-learning/ops'
import { describe, expect, it } from 'vitest'
import { AvgNonZeroReducer } from './avg-non-zero-reducer.js'
import { ClassWeightedReducer } from './class-weighted-reducer.js'
import { DivisorReducer } from './divisor-reducer.js'
import { DoNothingReducer } from './do-nothing-reducer.js'
import { MeanReducer } from './mean-reducer.js'
import { MultipleReducers } from './multiple-reducers.js'
import { PerAnchorReducer } from './per-anchor-reducer.js'
import { SumReducer } from './sum-reducer.js'
import { ThresholdReducer } from './threshold-reducer.js'

const labels = relationsOf([0, 1])
const values = tf.tensor2d([[1, -3, NaN], [0, 5, 2]])
const weights = tf.tensor2d([[1, 1, 0], [1, 2, 0]])
const pairs: LossTerm = { over: 'pair', values, weights, divisor: tf.scalar(8) }

const reduced = (reducer: Reducer, term: LossTerm) => reducer.reduce(term, labels, 'loss').arraySync()
const gradient = (reducer: Reducer, term: LossTerm) =>
  Array.from(tf.grad((x: tf.Tensor) => reducer.reduce({ ...term, values: x }, labels, 'loss'))(term.values).dataSync())

describe.each([
  [new MeanReducer(), (1 - 3 + 0 + 2 * 5) / 5, [0.2, 0.2, 0, 0.2, 0.4, 0]],
  [new SumReducer(), 1 - 3 + 0 + 2 * 5, [1, 1, 0, 1, 2, 0]],
  [new AvgNonZeroReducer(), (1 + 2 * 5) / 3, [1 / 3, 0, 0, 0, 2 / 3, 0]],
  [new ThresholdReducer({ low: -1, high: 5 }), (1 + 0) / 2, [0.5, 0, 0, 0.5, 0, 0]],
  [new DivisorReducer(), (1 - 3 + 0 + 2 * 5) / 8, [1 / 8, 1 / 8, 0, 1 / 8, 2 / 8, 0]],
  [new ClassWeightedReducer({ weights: [0.5, 2] }), (0.5 * (1 - 3) + 2 * (0 + 2 * 5)) / 5, [0.1, 0.1, 0, 0.4, 0.8, 0]],
  [new PerAnchorReducer(), ((1 - 3) / 2 + (0 + 2 * 5) / 3) / 2, [1 / 4, 1 / 4, 0, 1 / 6, 1 / 3, 0]],
  [new PerAnchorReducer({ reducer: new AvgNonZeroReducer() }), (0 + 2 * 5) / 3, [0, 0, 0, 1 / 3, 2 / 3, 0]],
  [new MultipleReducers({ reducers: { other: new SumReducer() } }), (1 - 3 + 0 + 2 * 5) / 5, [0.2, 0.2, 0, 0.2, 0.4, 0]],
] as [Reducer, number, number[]][])('$0.name', (reducer, value, slopes) => {
  it('counts each value by its weight, and a weight of 0 not at all', () => {
    expect(reduced(reducer, pairs)).toBeCloseTo(value, 6)
    gradient(reducer, pairs).forEach((g, i) => expect(g).toBeCloseTo(slopes[i]!, 6))
  })

  it('is 0 with gradient 0 when nothing is selected', () => {
    const none = { ...pairs, weights: tf.zerosLike(weights) }
    expect(reduced(reducer, none)).toBe(0)
    expect(gradient(reducer, none)).toEqual([0, 0, 0, 0, 0, 0])
  })

  it('does not hide a NaN that is selected', () => {
    expect(reduced(reducer, { ...pairs, weights: tf.onesLike(weights) })).toBeNaN()
  })

  it('passes on what is reduced already', () => {
    expect(reduced(reducer, { over: 'reduced', values: tf.scalar(-7) })).toBe(-7)
  })

  it('leaves one tensor behind', () => {
    const before = tf.memory().numTensors
    reducer.reduce(pairs, labels, 'loss').dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  it('refuses weights that do not fit', () => {
    const term: LossTerm = { over: 'pair', values, weights: tf.ones([2]) }
    expect(() => reduced(reducer, term)).toThrow('weights of the shape of the pair values, [2, 3], got [2]')
  })
})

it('takes weights that a loss worked out from its values as constants', () => {
  const term = (x: tf.Tensor): LossTerm => ({ over: 'element', values: x, weights: tf.onesLike(x) })
  const f = (x: tf.Tensor) => new MeanReducer().reduce(term(x), labels, 'loss')
  expect(Array.from(tf.grad(f)(tf.tensor1d([1, 2])).dataSync())).toEqual([0.5, 0.5])
})

describe('ThresholdReducer', () => {
  it('wants a bound', () => {
    expect(() => new ThresholdReducer({})).toThrow('wanted `low` or `high`, got neither')
    expect(() => new ThresholdReducer({ low: NaN })).toThrow('`low` to be a number')
  })
})

describe('DivisorReducer', () => {
  it('is 0 with gradient 0 for the divisor 0, and wants a divisor', () => {
    const term: LossTerm = { over: 'pair', values: tf.ones([2, 3]), weights, divisor: tf.scalar(0) }
    expect(reduced(new DivisorReducer(), term)).toBe(0)
    expect(gradient(new DivisorReducer(), term)).toEqual([0, 0, 0, 0, 0, 0])
    const without: LossTerm = { over: 'pair', values, weights }
    expect(() => reduced(new DivisorReducer(), without)).toThrow('wanted a `divisor` in the term loss, got none')
  })
})

describe('ClassWeightedReducer', () => {
  it('goes by the classes of a term where these are not the anchors', () => {
    const ofClasses: LossTerm = {
      over: 'element', values: tf.tensor1d([1, 1, 1]), weights: tf.ones([3]), classes: Int32Array.of(2, 1, 0),
    }
    gradient(new ClassWeightedReducer({ weights: [3, 6, 9] }), ofClasses).forEach((g, i) => expect(g).toBeCloseTo(3 - i, 6))
  })

  it('wants a weight for every class', () => {
    expect(() => reduced(new ClassWeightedReducer({ weights: [1] }), pairs)).toThrow('labels in [0, 1), the classes that have weights, got 1')
    expect(() => new ClassWeightedReducer({ weights: [] })).toThrow('finite numbers, one a class, got none')
  })
})

describe('PerAnchorReducer', () => {
  it('aggregates as it is told', () => {
    const largest = new PerAnchorReducer({ aggregationFunc: (x) => tf.max(x, 1), reducer: new SumReducer() })
    expect(reduced(largest, pairs)).toBe(1 + 5)
  })

  it('refuses triplets', () => {
    const triplets: LossTerm = { over: 'triplet', values: tf.ones([2, 1, 3]), weights: tf.ones([2, 1, 3]) }
    expect(() => reduced(new PerAnchorReducer(), triplets)).toThrow('a loss over elements or pairs, got triplets in the term loss')
  })
})

describe('MultipleReducers', () => {
  it('takes the reducer of the term, and the default for others', () => {
    const reducer = new MultipleReducers({ reducers: { posLoss: new SumReducer() }, defaultReducer: new AvgNonZeroReducer() })
    expect(reducer.reduce(pairs, labels, 'posLoss').arraySync()).toBe(8)
    expect(reducer.reduce(pairs, labels, 'negLoss').arraySync()).toBeCloseTo(11 / 3, 6)
  })

  it('says which terms there are', () => {
    const reducer = new MultipleReducers({ reducers: { posLos: new SumReducer() } })
    expect(() => reducer.expectTerms('ContrastiveLoss', ['posLoss', 'negLoss'])).toThrow('only the options posLoss, negLoss, got `posLos`')
  })
})

describe('DoNothingReducer', () => {
  it('hands on terms, and gives no number', () => {
    expect(new DoNothingReducer().passThrough({ loss: pairs })).toEqual({ loss: pairs })
    expect(() => reduced(new DoNothingReducer(), pairs)).toThrow('Call `terms` in place of `compute`')
  })
})

it('refuses options that nobody reads', () => {
  expect(() => new MeanReducer({ low: 0 } as never)).toThrow('wanted no options, got `low`')
  expect(() => new ThresholdReducer({ low: 0, hihg: 1 } as never)).toThrow('got `hihg`')
})
