import * as tf from '@tensorflow/tfjs-core'
import { ClassWeightedReducer } from '@metric-learning/reducers'
import { describe, expect, it } from 'vitest'
import { ProxyAnchorLoss, type ProxyAnchorLossOptions } from './proxy-anchor-loss.js'

const make = (options: Partial<ProxyAnchorLossOptions> = {}) => {
  const loss = new ProxyAnchorLoss({ numClasses: 3, embeddingSize: 2, alpha: 2, ...options })
  loss.parameters.get('proxies')!.assign(tf.tensor2d([[1, 0], [0, 2], [-3, 0]]))
  return loss
}
const x = tf.tensor2d([[3, 4], [1, 0]])
const softplus = (...exponents: number[]) => Math.log(1 + exponents.reduce((sum, exponent) => sum + Math.exp(exponent), 0))
const positive = [softplus(-2 * (0.6 - 0.1), -2 * (1 - 0.1)), 0, 0]
const negative = [0, softplus(2 * (0.8 + 0.1), 2 * 0.1), softplus(2 * (-0.6 + 0.1), 2 * (-1 + 0.1))]
const sum = (values: number[]) => values.reduce((total, value) => total + value)

describe('ProxyAnchorLoss', () => {
  it('is the mean over proxies: of classes that are there, and of all', () => {
    expect(make().compute(x, [0, 0]).arraySync()).toBeCloseTo(sum(positive) / 1 + sum(negative) / 3, 5)
  })

  it('weighs proxies by their own class', () => {
    const reducer = new ClassWeightedReducer({ weights: [1, 10, 100] })
    const weighted = (values: number[]) => (values[0]! + 10 * values[1]! + 100 * values[2]!) / 3
    expect(make({ reducer }).compute(x, [0, 0]).arraySync()).toBeCloseTo(weighted(positive) + weighted(negative), 4)
  })

  it('stays finite where exponents are large', () => {
    const loss = make({ alpha: 1e4 })
    const gradient = tf.grad((rows: tf.Tensor) => loss.compute(rows as tf.Tensor2D, [1, 2]))(x)
    expect(Number.isFinite(loss.compute(x, [1, 2]).arraySync())).toBe(true)
    expect(gradient.dataSync().every(Number.isFinite)).toBe(true)
  })
})
