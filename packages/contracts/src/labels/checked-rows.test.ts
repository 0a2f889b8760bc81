import { describe, expect, it } from 'vitest'
import { LabelError } from '../errors/metric-learning-error.js'
import { checkedRows, expectSameSamples } from './checked-rows.js'

describe('expectSameSamples', () => {
  const dataset = { name: 'pets', labels: Int32Array.of(0, 1, 1) }

  it('passes a sampler that was made for as many samples, or does not say', () => {
    expectSameSamples({ name: 'some', sampleCount: 3 }, dataset)
    expectSameSamples({ name: 'some' }, dataset)
  })

  it.each([0, 2, 4])('refuses one that was made for %i', (sampleCount) => {
    expect(() => { expectSameSamples({ name: 'some', sampleCount }, dataset) }).toThrow(LabelError)
    expect(() => { expectSameSamples({ name: 'some', sampleCount }, dataset) }).toThrow(`some: wanted to be made for the 3 samples of pets, got one made for ${sampleCount}`)
  })
})

describe('checkedRows', () => {
  it('hands rows on, and makes an Int32Array of other lists', () => {
    const rows = Int32Array.of(2, 0, 2)
    expect(checkedRows('some', rows, 3)).toBe(rows)
    expect(checkedRows('some', [2, 0, 2] as unknown as Int32Array, 3)).toEqual(rows)
  })

  it.each<[unknown, string]>([
    [Int32Array.of(0, 3), '3 at position 1'],
    [Int32Array.of(-1), '-1 at position 0'],
    [new Int32Array(), 'no row'],
    [[0, 0.5], '0.5 at position 1'],
    [[0, NaN], 'NaN at position 1'],
    [['0'], '"0" at position 0'],
    [new Array(1), 'undefined at position 0'],
    [undefined, 'undefined'],
    [null, 'null'],
    [3, '3'],
  ])('refuses %s', (rows, got) => {
    expect(() => checkedRows('some', rows as Int32Array, 3)).toThrow(LabelError)
    expect(() => checkedRows('some', rows as Int32Array, 3)).toThrow(`some: wanted a batch of rows of the data set, integers from 0 to 2, got ${got}.`)
  })
})
