import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { expectNumber, OptionError } from '@metric-learning/contracts'
import { isScheduled, Scheduled, tensorOf } from './scheduled.js'

describe('Scheduled', () => {
  it('has one value on the host and on the device, and nothing is left when it is disposed', () => {
    const before = tf.memory().numTensors
    const margin = new Scheduled(0.25, 'margin')
    expect(margin.tensor.dataSync()).toEqual(Float32Array.of(0.25))
    margin.value = 0.1
    expect(margin.value).toBe(0.1)
    expect(margin.tensor.dataSync()).toEqual(Float32Array.of(0.1))
    expect(tf.memory().numTensors).toBe(before + 1)
    margin.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  it('is known by its brand, not its class', () => {
    const margin = new Scheduled(1)
    const { tensor } = margin
    expect(isScheduled(margin)).toBe(true)
    expect(isScheduled({ [Symbol.for('metric-learning.scheduled')]: true, tensor })).toBe(true)
    for (const other of [1, null, undefined, {}, { value: 1, tensor }, tensor]) expect(isScheduled(other)).toBe(false)
    expect(tensorOf(margin)).toBe(tensor)
    expect(tensorOf(0.5)).toBe(0.5)
    margin.dispose()
  })

  it('is no trained variable', () => {
    const margin = new Scheduled(1)
    expect(margin.tensor.trainable).toBe(false)
    margin.dispose()
  })

  it('refuses what is no finite number', () => {
    expect(() => new Scheduled(Number.NaN, 'margin')).toThrow('margin: wanted `value` to be a number, got NaN.')
    const margin = new Scheduled(1)
    expect(() => (margin.value = Infinity)).toThrow(OptionError)
    expect(() => new Scheduled(margin as never)).toThrow('`value` to be a plain number, got one that is scheduled')
    expect(() => (margin.value = margin as never)).toThrow('got one that is scheduled')
    expect(margin.value).toBe(1)
    margin.dispose()
  })
})

describe('expectNumber of a Scheduled', () => {
  it('checks the value at once', () => {
    const margin = new Scheduled(-1)
    expect(() => expectNumber('TripletMarginLoss', 'margin', margin, { min: 0 })).toThrow(
      'TripletMarginLoss: wanted `margin` to be a number of at least 0, got -1.',
    )
    // It was refused, and whoever refused it has no say in what it becomes.
    margin.value = -2
    margin.dispose()
  })

  it('holds each later value to the range, with the same error, and keeps the old value', () => {
    const margin = new Scheduled(0.1)
    expectNumber('TripletMarginLoss', 'margin', margin, { min: 0 })
    expectNumber('ContrastiveLoss', 'posMargin', margin, { max: 1 })
    margin.value = 0.5
    expect(() => (margin.value = -1)).toThrow('TripletMarginLoss: wanted `margin` to be a number of at least 0, got -1.')
    expect(() => (margin.value = 2)).toThrow('ContrastiveLoss: wanted `posMargin` to be a number at most 1, got 2.')
    expect(margin.value).toBe(0.5)
    expect(margin.tensor.dataSync()).toEqual(Float32Array.of(0.5))
    margin.dispose()
  })

  it('names a range by all that it says, so that the same one is remembered once', () => {
    const rules = new Set<string>()
    const noting = { [Symbol.for('metric-learning.scheduled')]: true, value: 1, restrict: (rule: string) => void rules.add(rule) }
    for (let i = 0; i < 3; i++) expectNumber('A', 'margin', noting, { min: 0 })
    expect(rules.size).toBe(1)
    expectNumber('A', 'margin', noting, { min: 0.5 })
    expectNumber('A', 'scale', noting, { min: 0 })
    expectNumber('B', 'margin', noting, { min: 0 })
    expect(rules.size).toBe(4)
  })

  it('does not take just any object with a value for a number', () => {
    expect(() => expectNumber('A', 'margin', { value: 1 } as never)).toThrow('A: wanted `margin` to be a number, got an object.')
  })
})
