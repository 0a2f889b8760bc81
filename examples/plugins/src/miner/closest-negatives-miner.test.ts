import * as tf from '@tensorflow/tfjs-core'
import { describeMiner } from '@metric-learning/plugin-testkit'
import { expect, it } from 'vitest'
import { ClosestNegativesMiner } from './closest-negatives-miner.js'

describeMiner('ClosestNegativesMiner', { create: () => new ClosestNegativesMiner() })

it('keeps the negatives that are close beside the closest one', () => {
  const angles = [0, 0.1, 0.5, 0.55, 1.2].map((angle) => [Math.cos(angle), Math.sin(angle)])
  const { negative } = new ClosestNegativesMiner().mine(tf.tensor2d(angles), [0, 0, 1, 2, 3])
  expect(negative.arraySync()[0]).toEqual([0, 0, 1, 1, 0])
})
