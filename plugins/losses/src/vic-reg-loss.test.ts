import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { VICRegLoss } from './vic-reg-loss.js'

const x = tf.tensor2d([[1, 0], [-1, 2]])
const y = tf.tensor2d([[1, 1], [-1, 2]])

describe('VICRegLoss', () => {
  it('adds invariance, variance and covariance', () => {
    const loss = new VICRegLoss({ invarianceLambda: 1, varianceMu: 1, covarianceV: 1, eps: 1e-8 })
    // Means of squared differences: 1/2 and 0. Deviations: sqrt 2 and sqrt 2; sqrt 2 and sqrt 1/2. Covariances: -2 and -1.
    const variance = (1 - Math.SQRT1_2) / 2 / 2
    const covariance = (2 * 4) / 2 + (2 * 1) / 2
    const value = loss.compute(x, undefined, { references: { refEmbeddings: y } }).arraySync()
    expect(value).toBeCloseTo(0.25 + variance + covariance, 5)
  })

  it('is finite with a single sample', () => {
    const gradient = tf.grad((rows: tf.Tensor) => new VICRegLoss().compute(rows as tf.Tensor2D, undefined))(tf.tensor2d([[1, 2]]))
    expect(gradient.dataSync().every(Number.isFinite)).toBe(true)
  })

  it('refuses labels, a distance, and views of different shapes', () => {
    expect(() => new VICRegLoss().compute(x, [0, 1])).toThrow('no labels')
    expect(() => new VICRegLoss({ distance: undefined } as object)).toThrow('got `distance`')
    const references = { refEmbeddings: tf.zeros<tf.Rank.R2>([3, 2]) }
    expect(() => new VICRegLoss().compute(x, undefined, { references })).toThrow('`refEmbeddings` of shape [2, 2], got [3, 2]')
  })
})
