import { OptionError, type Distance } from '@metric-learning/contracts'
import { describe, expect, it } from 'vitest'
import { formulaValues, option, readOptions } from './option.js'
import { Scheduled } from './scheduled.js'

const [cosine, euclidean] = ['CosineSimilarity', 'LpDistance'].map((measure) => ({ measure, p: 2 }) as Distance)

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
    [{ count: 1, swap: 'no' }, '`swap` to be true or false, got "no"'],
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
    expect(() => readOptions('X', declared, { count: 1, margin: 30 }, cosine)).toThrow('in units of a cosine, from -2 to 2')
    expect(readOptions('X', declared, { count: 1, margin: 30 }, euclidean).margin).toBe(30)
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
