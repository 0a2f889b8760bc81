import * as tf from '@tensorflow/tfjs-core'
import type { Regularizer } from '@metric-learning/contracts'
import { CosineSimilarity, LpDistance } from '@metric-learning/distances'
import { ClassWeightedReducer, MeanReducer } from '@metric-learning/reducers'
import { describe, expect, it } from 'vitest'
import { CenterInvariantRegularizer } from './center-invariant-regularizer.js'
import { LpRegularizer } from './lp-regularizer.js'
import { RegularFaceRegularizer } from './regular-face-regularizer.js'
import { SparseCentersRegularizer } from './sparse-centers-regularizer.js'
import { ZeroMeanRegularizer } from './zero-mean-regularizer.js'

const rows = tf.tensor2d([[3, 4], [0, 2], [-1, 0], [1, 1]])
const gradient = (regularizer: Regularizer, x: tf.Tensor2D) => tf.grad((at: tf.Tensor) => regularizer.compute(at as tf.Tensor2D))(x)
const all: readonly Regularizer[] = [
  new LpRegularizer(),
  new ZeroMeanRegularizer(),
  new CenterInvariantRegularizer(),
  new RegularFaceRegularizer(),
  new SparseCentersRegularizer({ numClasses: 2, centersPerClass: 2 }),
]

describe.each(all)('$name', (regularizer) => {
  it.each([
    ['rows that are equal', tf.tile(tf.tensor2d([[1, -2]]), [4, 1])],
    ['zero rows', tf.zeros([4, 2])],
    ['rows of norm 1e4', tf.mul(rows, 1e4)],
  ] as [string, tf.Tensor2D][])('is finite, gradient included, on %s', (_, x) => {
    expect(Number.isFinite(regularizer.compute(x).arraySync())).toBe(true)
    expect(gradient(regularizer, x).dataSync().every(Number.isFinite)).toBe(true)
  })

  it('leaves one tensor behind', () => {
    const before = tf.memory().numTensors
    regularizer.compute(rows).dispose()
    gradient(regularizer, rows).dispose()
    tf.dispose(Object.values(regularizer.terms(rows)).flatMap(({ values, weights, divisor }) => [values, weights!, ...(divisor ? [divisor] : [])]))
    expect(tf.memory().numTensors).toBe(before)
  })

  it('wants rows', () => {
    expect(() => regularizer.compute(tf.ones([3]) as never)).toThrow('`rows` of shape [n, dim], got [3]')
  })
})

describe('the formulas', () => {
  const value = (regularizer: Regularizer, x = rows) => regularizer.compute(x).arraySync()

  it('LpRegularizer: norms', () => {
    expect(value(new LpRegularizer())).toBeCloseTo((5 + 2 + 1 + Math.SQRT2) / 4, 6)
    expect(value(new LpRegularizer({ p: 1, power: 2 }))).toBeCloseTo((49 + 4 + 1 + 4) / 4, 5)
  })

  it('ZeroMeanRegularizer: sums of coordinates', () => {
    expect(value(new ZeroMeanRegularizer())).toBeCloseTo((7 + 2 + 1 + 2) / 4, 6)
  })

  it('CenterInvariantRegularizer: squared norms against their mean', () => {
    expect(value(new CenterInvariantRegularizer())).toBeCloseTo((17 ** 2 + 4 ** 2 + 7 ** 2 + 6 ** 2) / 16, 4)
  })

  it('RegularFaceRegularizer: the nearest other row; a row alone counts itself', () => {
    const cosines = [7 / (5 * Math.SQRT2), 0.8, 0, 7 / (5 * Math.SQRT2)]
    expect(value(new RegularFaceRegularizer())).toBeCloseTo(cosines.reduce((a, b) => a + b) / 4, 5)
    expect(value(new RegularFaceRegularizer(), tf.tensor2d([[2, 0]]))).toBe(1)
  })

  it('SparseCentersRegularizer: half the mean distance of centres of a class', () => {
    const sparse = new SparseCentersRegularizer({ numClasses: 2, centersPerClass: 2 })
    const distances = [Math.hypot(0.6, 0.2), Math.hypot(1 + Math.SQRT1_2, Math.SQRT1_2)]
    expect(value(sparse)).toBeCloseTo((distances[0]! + distances[1]!) / 4, 5)
    const reducer = new ClassWeightedReducer({ weights: [0, 2] })
    expect(value(new SparseCentersRegularizer({ numClasses: 2, centersPerClass: 2, reducer }))).toBeCloseTo(distances[1]!, 5)
    expect(() => sparse.compute(tf.ones([3, 2]))).toThrow('numClasses · centersPerClass = 4 rows, got 3')
  })
})

it('says which distances there may be, and which options', () => {
  expect(() => new CenterInvariantRegularizer({ distance: new LpDistance() })).toThrow('got LpDistance with power 1, normalizeEmbeddings true')
  expect(() => new RegularFaceRegularizer({ distance: new LpDistance() })).toThrow('`distance` to be a similarity, got LpDistance')
  expect(() => new SparseCentersRegularizer({ numClasses: 2, centersPerClass: 1 })).toThrow('`centersPerClass` to be an integer of at least 2')
  expect(() => new LpRegularizer({ distance: new CosineSimilarity(), reducer: new MeanReducer(), pow: 2 } as never)).toThrow('got `pow`')
})
