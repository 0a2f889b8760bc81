import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it, vi } from 'vitest'

describe.runIf(tf.getBackend() === 'tensorflow')('tf.gather on the native backend', () => {
  it('gathers, with its gradient, without reading an index back', () => {
    const x = tf.tensor2d([[1, 2], [3, 4], [5, 6]])
    const indices = tf.tensor1d([2, 0, 2], 'int32')
    const read = vi.spyOn(tf.backend(), 'readSync')
    const gathered = tf.gather(x, indices)
    const gradient = tf.grad((at: tf.Tensor) => tf.sum(tf.gather(at, indices)))(x)
    expect(read).not.toHaveBeenCalled()
    read.mockRestore()
    expect(gathered.arraySync()).toEqual([[5, 6], [1, 2], [5, 6]])
    expect(gradient.arraySync()).toEqual([[1, 1], [0, 0], [2, 2]])
    expect(tf.gather(x, tf.tensor1d([1], 'int32'), 1).arraySync()).toEqual([[2], [4], [6]])
  })

  it('still refuses an index out of range', () => {
    expect(() => tf.gather(tf.tensor1d([1, 2]), tf.tensor1d([2], 'int32'))).toThrow()
  })
})
