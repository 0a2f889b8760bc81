import * as tf from '@tensorflow/tfjs-core'
import { LpDistance } from '@metric-learning/distances'
import { option } from '@metric-learning/ops'
import { MeanReducer } from '@metric-learning/reducers'
import { describe, expect, it } from 'vitest'
import { ArcFaceLoss } from '../arc-face-loss.js'
import { ContrastiveLoss } from '../contrastive-loss.js'
import { MarginLoss } from '../margin-loss.js'
import { NTXentLoss } from '../nt-xent-loss.js'
import { reduced } from '../terms/over-elements.js'
import { TripletMarginLoss } from '../triplet-margin-loss.js'
import { metricLoss } from './metric-loss.js'

const embeddings = tf.tensor2d([[1, 0], [0, 1], [1, 1], [2, -1]])
const labels = [0, 0, 1, 1]

describe('terms of a loss', () => {
  it('are all that is left on the device', () => {
    const loss = new MarginLoss({ learnBeta: true, nu: 0.1 })
    const before = tf.memory().numTensors
    const terms = loss.terms(embeddings, labels)
    tf.dispose(Object.values(terms).flatMap(({ values, weights, divisor }) => [values, weights, divisor].filter((tensor) => tensor !== undefined)))
    expect(tf.memory().numTensors).toBe(before)
    loss.dispose()
  })

  it('have the names that reducers know them by', () => {
    expect(Object.keys(new ContrastiveLoss().terms(embeddings, labels))).toEqual(['posLoss', 'negLoss'])
  })
})

describe('A loss', () => {
  it('tells its options, with defaults and what they take', () => {
    const { temperature, distance } = NTXentLoss.declaredOptions
    expect(temperature).toMatchObject({ presence: 'defaulted', default: 0.07, takes: 'a number above 0', isSchedulable: true })
    expect(distance).toMatchObject({ presence: 'optional', takes: 'an object such as `new LpDistance()`' })
    expect(Object.keys(ArcFaceLoss.declaredOptions)).toEqual(
      ['margin', 'scale', 'labelSmoothing', 'numClasses', 'embeddingSize', 'seed', 'weightInitFunc', 'weightRegularizer', 'weightRegWeight', 'distance', 'reducer', 'embeddingRegularizer', 'embeddingRegWeight'],
    )
  })

  it('has them as fields, which formulas read anew', () => {
    const loss = new TripletMarginLoss({ margin: 0.4 })
    const value = () => loss.compute(tf.tensor2d([[1, 0], [1, 0.1], [0.9, 0.2]]), [0, 0, 1]).arraySync()
    const before = value()
    Object.assign(loss, { margin: 0.8 })
    expect(value() - before).toBeCloseTo(0.4, 5)
    Object.assign(loss, { margin: 0.4 })
    expect(loss).toMatchObject({ margin: 0.4, swap: false, tripletsPerAnchor: 'all' })
    expect(loss.distance).toBeInstanceOf(LpDistance)
  })

  it('refuses what is no function where one is wanted', () => {
    expect(() => new ArcFaceLoss({ numClasses: 2, embeddingSize: 2, weightInitFunc: 'ones' as never })).toThrow('`weightInitFunc` to be a function, got "ones"')
  })

  it('wants what it cannot do without', () => {
    // @ts-expect-error numClasses and embeddingSize are missing
    expect(() => new ArcFaceLoss()).toThrow('`numClasses` to be an integer of at least 1, got undefined')
    expect(() => new TripletMarginLoss(null as never)).toThrow('an object of options, got null')
    expect(() => new ArcFaceLoss({ numClasses: 2, embeddingSize: 2, weightInitFunc: () => new Float32Array(3) })).toThrow('`weightInitFunc` to return 2 · 2 numbers, got 3')
    expect(() => new ArcFaceLoss({ numClasses: 2, embeddingSize: 2 }).getLogits(tf.ones([1, 3]))).toThrow('`embeddings` of shape [batch, 2], got [1, 3]')
  })

  it('has no option that hides a member', () => {
    const declare = (options: object) => () => metricLoss({ name: 'X', distance: 'none', reducer: () => new MeanReducer(), options: options as never, terms: () => ({}) })
    for (const name of ['labels', 'compute', 'reducer', 'name']) expect(declare({ [name]: option.flag({ default: true }) })).toThrow(`names of their own, got \`${name}\``)
  })

  it('without distances says so where a formula asks for them', () => {
    class Odd extends metricLoss({ name: 'Odd', distance: 'none', reducer: () => new MeanReducer(), options: {}, terms: (inputs) => ({ loss: reduced(tf.mean(inputs.distances())) }) }) {}
    expect(() => new Odd().compute(tf.ones([2, 2]), [0, 1])).toThrow("Odd: wanted a formula without distances, got one that asks for them. Name a `distance` other than 'none'.")
    // @ts-expect-error it has none
    expect(new Odd().distance).toBeUndefined()
  })
})
