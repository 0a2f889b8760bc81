import * as tf from '@tensorflow/tfjs-core'
import { describeMiner } from '@metric-learning/plugin-testkit'
import { expect, it } from 'vitest'
import { ExampleMiner } from './example-miner.js'

describeMiner('ExampleMiner', { create: () => new ExampleMiner() })

it('keeps what its rule keeps', () => {
  // At distances √0.8 = 0.89, √2 = 1.41 and √0.4 = 0.63.
  const embeddings = tf.tensor2d([[1, 0], [0.6, 0.8], [0, 1]])
  const { positive, negative } = new ExampleMiner({ radius: 1 }).mine(embeddings, [0, 0, 1])
  expect(positive.arraySync()).toEqual([[0, 1, 0], [1, 0, 0], [0, 0, 0]])
  expect(negative.arraySync()).toEqual([[0, 0, 0], [0, 0, 1], [0, 1, 0]])
})

it('refuses options that it does not know, or that are out of range', () => {
  expect(() => new ExampleMiner({ radios: 1 } as never)).toThrow('`radios`')
  expect(() => new ExampleMiner({ radius: NaN })).toThrow('`radius`')
})
