import * as tf from '@tensorflow/tfjs-core'
import { expect, it } from 'vitest'
import { targetMask } from './target-mask.js'

it('marks the class of each row, also where there is one class only', () => {
  expect(targetMask(tf.tensor1d([2, 0], 'int32'), 3).arraySync()).toEqual([[0, 0, 1], [1, 0, 0]])
  expect(targetMask(tf.tensor1d([0, 0], 'int32'), 1).arraySync()).toEqual([[1], [1]])
})
