import * as tf from '@tensorflow/tfjs-core'
import { relationsOf } from '@metric-learning/ops'
import { describeReducer } from '@metric-learning/plugin-testkit'
import { expect, it } from 'vitest'
import { SoftMaximumReducer } from './soft-maximum-reducer.js'

describeReducer('SoftMaximumReducer', { create: () => new SoftMaximumReducer({ temperature: 1 }), skip: { blocks: 'it is no sum of what blocks give' } })

it('has the value that its formula gives', () => {
  const term = { over: 'element', values: tf.tensor1d([1, 2, 90]), weights: tf.tensor1d([1, 2, 0]) } as const
  const reduced = (temperature: number) => new SoftMaximumReducer({ temperature }).reduce(term, relationsOf([0, 0, 1]), 'loss').dataSync()[0]
  expect(reduced(1)).toBeCloseTo(Math.log((Math.exp(1) + 2 * Math.exp(2)) / 3), 5)
  expect(reduced(0.001)).toBeCloseTo(2, 2)
  expect(reduced(1000)).toBeCloseTo(5 / 3, 2)
})

it('refuses options that it does not know, or that are out of range', () => {
  expect(() => new SoftMaximumReducer({ tau: 1 } as never)).toThrow('`tau`')
  expect(() => new SoftMaximumReducer({ temperature: 0 })).toThrow('`temperature`')
})
