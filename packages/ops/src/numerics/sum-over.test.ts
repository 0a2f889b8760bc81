import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { meanOver, sumOver } from './sum-over.js'

const x = tf.tensor3d(Float32Array.from({ length: 24 }, (_, i) => i), [2, 3, 4])

describe.each([0, 1, 2, -1])('over the axis %d', (axis) => {
  it.each([
    ['sumOver', sumOver, tf.sum],
    ['meanOver', meanOver, tf.mean],
  ] as const)('%s has the values and the gradient of tfjs', (_name, ours, theirs) => {
    for (const keepDims of [false, true]) {
      const squares = (f: typeof ours | typeof theirs) => (at: tf.Tensor) => tf.sum(tf.square(f(at, axis, keepDims)))
      expect(ours(x, axis, keepDims).arraySync()).toEqual(theirs(x, axis, keepDims).arraySync())
      expect(tf.grad(squares(ours))(x).arraySync()).toEqual(tf.grad(squares(theirs))(x).arraySync())
    }
  })
})
