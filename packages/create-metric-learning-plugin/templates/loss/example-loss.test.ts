import * as tf from '@tensorflow/tfjs-core'
import { describeLoss } from '@metric-learning/plugin-testkit'
import { expect, it } from 'vitest'
import { ExampleLoss } from './example-loss.js'

describeLoss('ExampleLoss', { create: () => new ExampleLoss() })

it('has the value that its formula gives', () => {
  // Cosines: 0.6 of the positive pair, 0 and 0.8 of the negative ones.
  const embeddings = tf.tensor2d([[1, 0], [0.6, 0.8], [0, 1]])
  const value = new ExampleLoss({ margin: 0.5 }).compute(embeddings, [0, 0, 1]).dataSync()[0]
  expect(value).toBeCloseTo(0.4 + (0 + 0.3) / 2, 5)
})

it('refuses options that it does not know, or that are out of range', () => {
  expect(() => new ExampleLoss({ margn: 0.5 } as never)).toThrow('`margn`')
  expect(() => new ExampleLoss({ margin: 2 })).toThrow('`margin`')
})
