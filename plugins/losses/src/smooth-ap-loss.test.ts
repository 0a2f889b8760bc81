import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { SmoothAPLoss } from './smooth-ap-loss.js'

const x = tf.tensor2d([[1, 0.2], [1, 0.9], [0.3, 1], [1, -1], [-1, 0.1], [-0.4, 0.8]])

describe('SmoothAPLoss', () => {
  it('does not care how classes lie in the batch, nor whether there are as many classes as samples of one', () => {
    const loss = new SmoothAPLoss({ temperature: 0.1 })
    const value = (order: number[], labels: number[]) => loss.compute(tf.gather(x, order), labels).arraySync()
    expect(value([0, 1, 2, 3, 4, 5], [0, 0, 0, 1, 1, 1])).toBeCloseTo(value([0, 3, 1, 4, 2, 5], [7, 2, 7, 2, 7, 2]), 6)
  })

  it('is near 0 when classes lie apart', () => {
    const apart = tf.tensor2d([[1, 0], [1, 0.01], [0, 1], [0.01, 1], [-1, 0], [-1, 0.01]])
    expect(new SmoothAPLoss().compute(apart, [0, 0, 1, 1, 2, 2]).arraySync()).toBeCloseTo(0, 3)
  })

  it('wants classes of one size', () => {
    expect(() => new SmoothAPLoss().compute(x, [0, 0, 0, 0, 1, 1])).toThrow('as many samples of every class, got 4 of 0, 2 of 1')
  })
})
