import * as tf from '@tensorflow/tfjs-core'
import { DotProductSimilarity } from '@metric-learning/distances'
import { describe, expect, it } from 'vitest'
import { ManifoldLoss, type ManifoldLossOptions } from './manifold-loss.js'

const x = tf.tensor2d([[1, 2, 0], [0, 1, -1], [2, 0, 1], [-1, 1, 1], [0, 0, 2]])
const metaClasses = [0, 1, 2, 1, 0]
const value = (options: Partial<ManifoldLossOptions>, labels: number[] | undefined = metaClasses) =>
  new ManifoldLoss({ l: 3, K: 3, ...options }).compute(x, labels).arraySync()

describe('ManifoldLoss', () => {
  it('adds the context loss lambdaC times; infinity leaves it alone', () => {
    const context = value({ lambdaC: Infinity })
    expect(context).toBeGreaterThan(0)
    expect(value({ lambdaC: 1 })).toBeCloseTo(value({ lambdaC: 0 }) + context, 5)
    expect(value({ lambdaC: 3 })).toBeCloseTo(value({ lambdaC: 0 }) + 3 * context, 5)
  })

  it('is the logarithm of one plus the number of other proxies where nothing tells proxies apart', () => {
    const loss = new ManifoldLoss({ l: 3, K: 3, lambdaC: 0, margin: 0 })
    // Of norm 1 as they are: nothing is rounded, on any processor.
    const alike = (rows: number) => tf.tensor2d(Array.from({ length: rows }, () => [1, 0, 0]))
    loss.parameters.get('proxies')!.assign(alike(3))
    expect(loss.compute(alike(4), [0, 1, 2, 0]).arraySync()).toBeCloseTo(Math.log(3), 4)
  })

  it('draws meta classes where there are none, with the seed', () => {
    const drawn = (seed: number) => new ManifoldLoss({ l: 3, K: 3, seed }).compute(x, undefined).arraySync()
    expect(drawn(1)).toBe(drawn(1))
    expect(value({ K: 9 }, undefined)).toBeGreaterThan(0)
  })

  it('does not overflow on plain dot products of norm 1e4', () => {
    const loss = new ManifoldLoss({ l: 3, K: 3, distance: new DotProductSimilarity({ normalizeEmbeddings: false }) })
    const gradient = tf.grad((rows: tf.Tensor) => loss.compute(rows as tf.Tensor2D, metaClasses))(tf.mul(x, 1e4))
    expect(gradient.dataSync().every(Number.isFinite)).toBe(true)
  })

  it('says what is wrong', () => {
    expect(() => value({ lambdaC: -1 })).toThrow('`lambdaC` to be a number of at least 0, got -1')
    expect(() => value({ alpha: 1 })).toThrow('`alpha`')
    expect(() => value({ l: 4 })).toThrow('`embeddings` of shape [batch, 4], got [5, 3]')
    expect(() => value({}, [0, 1, 3, 0, 0])).toThrow('ManifoldLoss: wanted labels in')
  })
})
