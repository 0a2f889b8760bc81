import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { withoutGradient } from './without-gradient.js'

describe('withoutGradient', () => {
  it('makes a constant of what it computes', () => {
    const gradient = tf.grad((x: tf.Tensor) => tf.sum(tf.mul(x, withoutGradient(() => tf.square(x)))))
    expect(Array.from(gradient(tf.tensor1d([2, 3])).dataSync())).toEqual([4, 9])
  })

  it('lets operations through that have no gradient in tfjs', () => {
    const masked = (x: tf.Tensor) => tf.sum(tf.mul(x, withoutGradient(() => tf.cast(tf.greater(x, 2), 'float32'))))
    expect(Array.from(tf.grad(masked)(tf.tensor1d([2, 3])).dataSync())).toEqual([0, 1])
  })

  it('leaves one tensor behind', () => {
    const x = tf.tensor1d([1, 2])
    const before = tf.memory().numTensors
    const y = withoutGradient(() => tf.add(tf.square(x), tf.exp(x)))
    expect(tf.memory().numTensors).toBe(before + 1)
    y.dispose()
  })

  it('takes several tensors at once', () => {
    const f = (x: tf.Tensor) => {
      const { double, squares: [square] } = withoutGradient(() => ({ double: tf.mul(x, 2), squares: [tf.square(x)] }))
      return tf.sum(tf.mul(x, tf.add(double, square!)))
    }
    expect(Array.from(tf.grad(f)(tf.tensor1d([2, 3])).dataSync())).toEqual([8, 15])
  })

  it('records again after an error', () => {
    expect(() => withoutGradient(() => { throw new Error('no') })).toThrow('no')
    expect(Array.from(tf.grad((x: tf.Tensor) => tf.sum(tf.square(x)))(tf.tensor1d([2])).dataSync())).toEqual([4])
  })
})
