import * as tf from '@tensorflow/tfjs-core'
import { LpDistance } from '@metric-learning/distances'
import { describe, expect, it } from 'vitest'
import { NCALoss } from './nca-loss.js'

const distance = new LpDistance({ normalizeEmbeddings: false })

describe('NCALoss', () => {
  it('is the surprise at picking a neighbour of the own class', () => {
    const value = new NCALoss({ distance, softmaxScale: 2 }).compute(tf.tensor2d([[0], [1], [1.5]]), [0, 0, 1]).arraySync()
    expect(value).toBeCloseTo((Math.log1p(Math.exp(2 * (1 - 1.5))) + Math.log1p(Math.exp(2 * (1 - 0.5)))) / 2, 5)
  })

  it('is 0 with gradient 0 when nobody has a positive', () => {
    const x = tf.tensor2d([[0], [1], [2]])
    const f = (rows: tf.Tensor) => new NCALoss().compute(rows as tf.Tensor2D, [0, 1, 2]) as tf.Tensor
    expect(f(x).dataSync()[0]).toBe(0)
    expect(Array.from(tf.grad(f)(x).dataSync())).toEqual([0, 0, 0])
  })
})
