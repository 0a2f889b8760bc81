import * as tf from '@tensorflow/tfjs-core'
import { relationsOf } from '@metric-learning/ops'
import { describeReducer } from '@metric-learning/plugin-testkit'
import { expect, it } from 'vitest'
import { ExampleReducer } from './example-reducer.js'

describeReducer('ExampleReducer', { create: () => new ExampleReducer() })

it('has the value that its formula gives', () => {
  const term = { over: 'element', values: tf.tensor1d([1, 2, 3, 9]), weights: tf.tensor1d([1, 1, 2, 0]) } as const
  const reduced = (alpha: number) => new ExampleReducer({ alpha }).reduce(term, relationsOf([0, 0, 1, 1]), 'loss').dataSync()[0]
  expect(reduced(0)).toBeCloseTo(9, 5)
  expect(reduced(0.5)).toBeCloseTo(9 / 2, 5)
  expect(reduced(1)).toBeCloseTo(9 / 4, 5)
})

it('refuses options that it does not know, or that are out of range', () => {
  expect(() => new ExampleReducer({ alfa: 1 } as never)).toThrow('`alfa`')
  expect(() => new ExampleReducer({ alpha: 2 })).toThrow('`alpha`')
})
