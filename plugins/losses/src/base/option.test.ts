import { OptionError } from '@metric-learning/contracts'
import { CosineSimilarity, LpDistance } from '@metric-learning/distances'
import { Scheduled } from '@metric-learning/ops'
import { MeanReducer } from '@metric-learning/reducers'
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { ArcFaceLoss } from '../arc-face-loss.js'
import { NTXentLoss } from '../nt-xent-loss.js'
import { TripletMarginLoss } from '../triplet-margin-loss.js'
import { reduced } from '../terms/over-elements.js'
import { metricLoss } from './metric-loss.js'
import { formulaValues, option, readOptions } from './option.js'

const declared = {
  margin: option.distanceUnits({ default: 0.2 }),
  angle: option.degrees({ default: 30, max: 90 }),
  count: option.integer({ min: 1 }),
  swap: option.flag({ default: false }),
  kind: option.oneOf(['soft', 'hard'], { default: 'soft' }),
  bound: option.fixedNumber({ optional: true, above: 0 }),
}

describe('Declared options', () => {
  it('give what was passed, and defaults', () => {
    expect(readOptions('X', declared, { count: 3, kind: 'hard' })).toEqual({ margin: 0.2, angle: 30, count: 3, swap: false, kind: 'hard', bound: undefined })
  })

  it.each([
    [{}, '`count` to be an integer of at least 1, got undefined'],
    [{ count: 1, sawp: true }, 'only the options margin, angle, count, swap, kind, bound, got `sawp`'],
    [{ count: 1, swap: 'no' }, '`swap` to be true or false, got no'],
    [{ count: 1, kind: 'firm' }, "`kind` to be 'soft' or 'hard', got firm"],
    [{ count: 1, bound: 0 }, '`bound` to be a number above 0, got 0'],
    [{ count: 1, margin: null }, '`margin` to be a number, got null'],
    [{ count: 1, angle: 0.5 }, 'in radians, pass 28.6'],
    [{ count: 1, angle: 91 }, 'at most 90'],
  ])('refuse %j', (given, message) => {
    expect(() => readOptions('X', declared, given as never)).toThrow(message)
    expect(() => readOptions('X', declared, given as never)).toThrow(OptionError)
  })

  it('know the units of the distance', () => {
    expect(() => readOptions('X', declared, { count: 1, margin: 30 }, new CosineSimilarity())).toThrow('in units of a cosine, from -2 to 2')
    expect(readOptions('X', declared, { count: 1, margin: 30 }, new LpDistance()).margin).toBe(30)
  })

  it('enter formulas as tensors where they are scheduled', () => {
    const margin = new Scheduled(0.3)
    const values = readOptions('X', declared, { count: 1, margin })
    expect(values.margin).toBe(margin)
    expect(formulaValues(declared, values)).toMatchObject({ margin: margin.tensor, angle: 30, swap: false })
    margin.dispose()
  })

  it('refuse a misspelt property of their own, and a default that they would refuse', () => {
    expect(() => option.number({ defualt: 1 } as never)).toThrow('`defualt`')
    expect(() => option.flag({ default: true, min: 3 } as never)).toThrow('`min`')
    expect(() => option.number({ default: 4, max: 2 })).toThrow('at most 2, got 4')
    // @ts-expect-error there is no `mim`
    expect(() => option.number({ default: 3, mim: 3 })).toThrow('`mim`')
  })
})

describe('A loss', () => {
  it('tells its options, with defaults and what they take', () => {
    const { temperature, distance } = NTXentLoss.declaredOptions
    expect(temperature).toMatchObject({ presence: 'defaulted', default: 0.07, takes: 'a number above 0', isSchedulable: true })
    expect(distance).toMatchObject({ presence: 'optional', takes: 'an object such as `new LpDistance()`' })
    expect(Object.keys(ArcFaceLoss.declaredOptions)).toEqual(
      ['margin', 'scale', 'numClasses', 'embeddingSize', 'seed', 'weightInitFunc', 'weightRegularizer', 'weightRegWeight', 'distance', 'reducer', 'embeddingRegularizer', 'embeddingRegWeight'],
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
