import * as tf from '@tensorflow/tfjs-core'
import { OptionError } from '@metric-learning/contracts'
import { describe, expect, it } from 'vitest'
import { exactly, expectFinite, expectNumbers, expectRefused, expectSame, expectThat } from './expectations.js'

describe('Messages of expectations', () => {
  it('say what was compared, how near, where the wanted number is from, and how many differ', () => {
    const compare = (actual: number[], tolerance = { atol: 0.002, rtol: 0.03 }) => () => {
      expectNumbers({ what: 'the gradient', actual, wanted: [1, 2, 3, 4], as: 'differences give it', shape: [2, 2], tolerance })
    }
    compare([1.01, 2, 3, 4])()
    expect(compare([1, 2, 3.5, 5])).toThrow('the gradient at [1, 0]: wanted 3 (± 0.092, which is 0.002 + 0.03 · |wanted|), as differences give it, got 3.5; 2 of 4 numbers differ.')
    expect(compare([1, 2, 3, 4.0001], exactly)).toThrow('the gradient at [1, 1]: wanted 4 (exactly), as differences give it, got 4.0001.')
    expect(compare([1, 2, 3])).toThrow('the gradient: wanted 4 numbers, as differences give it, got 3.')
  })

  it('say where there is nothing to compare', () => {
    expect(() => {
      expectNumbers({ what: 'the gradient', actual: [NaN], wanted: [NaN], as: 'differences give it' })
    }).toThrow('the gradient: wanted a finite number to compare with, got NaN, as differences give it; it is NaN itself.')
    expect(() => {
      expectFinite('the value', tf.tensor2d([[1, 2], [3, Infinity]]))
    }).toThrow('the value: wanted finite numbers alone, got Infinity at [1, 1].')
  })

  it('say which shape, which error, and nothing twice', () => {
    expect(() => {
      expectSame('the value', tf.zeros([2]), tf.zeros([3]), 'before')
    }).toThrow('the shape of the value: wanted [3], got [2].')
    expectRefused('a bad option', () => {
      throw new OptionError({ who: 'it', wanted: 'one', got: 'none', fix: 'Pass one.' })
    })
    expect(() => {
      expectRefused('a bad option', () => {
        throw new TypeError('x is undefined.')
      })
    }).toThrow('a bad option: wanted an error of this library (a MetricLearningError), got TypeError: x is undefined.')
    expect(() => {
      expectThat(false, { what: 'it', wanted: 'one', got: 'none' })
    }).toThrow('it: wanted one, got none.')
  })
})
