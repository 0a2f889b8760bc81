import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { TupletMarginLoss } from './tuplet-margin-loss.js'

const at = (degrees: number) => [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)]
const cosine = (degrees: number) => Math.cos((degrees * Math.PI) / 180)

describe('TupletMarginLoss', () => {
  it('takes the margin off the angle of the positive', () => {
    const selection = { anchor1: [0], positive: [1], anchor2: [0], negative: [2] }
    const loss = new TupletMarginLoss({ margin: 10, scale: 4 })
    const value = loss.compute(tf.tensor2d([at(0), at(40), at(100)]), undefined, { selection }).arraySync()
    expect(value).toBeCloseTo(Math.log1p(Math.exp(4 * (cosine(100) - cosine(30)))), 5)
  })

  it('has finite gradients where embeddings are equal or opposite', () => {
    const x = tf.tensor2d([at(10), at(10), at(190), at(190.001)])
    const gradient = tf.grad((rows: tf.Tensor) => new TupletMarginLoss().compute(rows as tf.Tensor2D, [0, 0, 1, 1]))(x)
    expect(gradient.dataSync().every(Number.isFinite)).toBe(true)
  })

  it('wants degrees', () => {
    expect(() => new TupletMarginLoss({ margin: 0.1 })).toThrow('If 0.1 is in radians, pass 5.7')
  })
})
