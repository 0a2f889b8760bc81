import { describe, expect, it } from 'vitest'
import { LabelError } from '../errors/metric-learning-error.js'
import { expectSameWidth, toLabelRows } from './label-rows.js'

describe('toLabelRows', () => {
  it('makes rows of one of plain labels, and keeps rows', () => {
    expect(toLabelRows('some', 'labels', Int32Array.of(3, -1))).toEqual([[3], [-1]])
    expect(toLabelRows('some', 'labels', [[3, 0], [-1, 2]])).toEqual([[3, 0], [-1, 2]])
  })

  it.each<[unknown, string]>([
    [[], 'no row'],
    [undefined, 'undefined'],
    [[0, 0.5], '0.5 in row 1'],
    [[0, [1]], '[1] in row 1'],
    [[[0], 1], '1 in row 1'],
    [[[]], '[] in row 0'],
    [['cat'], '"cat" in row 0'],
    [[[2 ** 31]], '[2147483648] in row 0'],
  ])('refuses %s', (labels, got) => {
    const make = () => toLabelRows('some', 'labels', labels as number[])
    expect(make).toThrow(LabelError)
    expect(make).toThrow(`some: wanted \`labels\` to be rows of integers of 32 bits, as many in each, got ${got}.`)
  })
})

it('expectSameWidth wants as many columns on both sides', () => {
  expectSameWidth('some', { mine: [[1, 2]] }, { yours: [[3, 4], [5, 6]] })
  expect(() => { expectSameWidth('some', { mine: [[1, 2]] }, { yours: [[3]] }) }).toThrow('some: wanted `yours` with 2 columns, as `mine`, got 1')
})
