import * as tf from '@tensorflow/tfjs-core'
import { describeLoss } from '@metric-learning/plugin-testkit'
import { expect, it } from 'vitest'
import { SpreadLoss } from './spread-loss.js'

describeLoss('SpreadLoss', { create: () => new SpreadLoss() })

it('has the value that its formula gives', () => {
  // Cosines: 0.6 of the positive pair; 0 and 0.8 of the negative ones, each either way.
  const embeddings = tf.tensor2d([[1, 0], [0.6, 0.8], [0, 1]])
  const value = (loss: SpreadLoss) => loss.compute(embeddings, [0, 0, 1]).dataSync()[0]
  expect(value(new SpreadLoss())).toBeCloseTo(0.4 ** 2 + (0 + 0.8 ** 2) / 2, 5)
  expect(value(new SpreadLoss({ threshold: 0.5 }))).toBeCloseTo(0.4 ** 2 + (0 + 0.3 ** 2) / 2, 5)
  expect(value(new SpreadLoss({ threshold: -0.5 }))).toBeCloseTo(0.4 ** 2 + (0.5 ** 2 + 1.3 ** 2) / 2, 5)
})

it('refuses options that it does not know, or that are out of range', () => {
  expect(() => new SpreadLoss({ treshold: 0.5 } as never)).toThrow('`treshold`')
  expect(() => new SpreadLoss({ threshold: 2 })).toThrow('`threshold`')
})
