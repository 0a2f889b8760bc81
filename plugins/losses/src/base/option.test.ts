import { OptionError } from '@metric-learning/contracts'
import { CosineSimilarity, LpDistance } from '@metric-learning/distances'
import { Scheduled } from '@metric-learning/ops'
import { describe, expect, it } from 'vitest'
import { ArcFaceLoss } from '../arc-face-loss.js'
import { NTXentLoss } from '../nt-xent-loss.js'
import { TripletMarginLoss } from '../triplet-margin-loss.js'
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
    [{ count: 1, swap: 'no' }, '`swap` true or false, got no'],
    [{ count: 1, kind: 'firm' }, "`kind` 'soft' or 'hard', got firm"],
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

  it('refuse a misspelt property of their own', () => {
    expect(() => option.number({ defualt: 1 } as never)).toThrow('`defualt`')
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
    expect(loss).toMatchObject({ margin: 0.4, swap: false, tripletsPerAnchor: 'all' })
    expect(loss.distance).toBeInstanceOf(LpDistance)
  })

  it('refuses what is no function where one is wanted', () => {
    expect(() => new ArcFaceLoss({ numClasses: 2, embeddingSize: 2, weightInitFunc: 'ones' as never })).toThrow('`weightInitFunc` to be a function, got "ones"')
  })
})
