import * as tf from '@tensorflow/tfjs-core'
import { LpDistance } from '@metric-learning/distances'
import { describe, expect, it } from 'vitest'
import { NTXentLoss, type NTXentLossOptions } from './nt-xent-loss.js'

const angles = (...degrees: number[]) => tf.tensor2d(degrees.map((at) => [Math.cos((at * Math.PI) / 180), Math.sin((at * Math.PI) / 180)]))
const cosine = (degrees: number) => Math.cos((degrees * Math.PI) / 180)

describe('NTXentLoss', () => {
  it('weighs a positive against the negatives of its anchor only', () => {
    const loss = new NTXentLoss({ temperature: 0.5 }).compute(angles(0, 60, 90), [0, 0, 1])
    const against = (n: number) => Math.log1p(Math.exp((cosine(n) - 0.5) / 0.5))
    expect(loss.arraySync()).toBeCloseTo((against(90) + against(30)) / 2, 5)
  })

  it('goes on growing where PyTorch Metric Learning stops at 87.3', () => {
    const x = tf.tensor2d([[0], [30], [0.5]])
    const loss = new NTXentLoss({ temperature: 0.1, distance: new LpDistance({ normalizeEmbeddings: false }) })
    const f = (rows: tf.Tensor) => loss.compute(rows as tf.Tensor2D, [0, 0, 1]) as tf.Tensor
    expect(f(x).dataSync()[0]).toBeCloseTo((295 + Math.log1p(Math.exp(5))) / 2, 3)
    expect(Math.abs(tf.grad(f)(x).dataSync()[1]!)).toBeGreaterThan(1)
  })

  it('counts a negative that triplets repeat once, or as often when asked to', () => {
    const selection = { anchor: [0, 0], positive: [1, 2], negative: [3, 3] }
    const value = (options: NTXentLossOptions) =>
      new NTXentLoss({ temperature: 1, ...options }).compute(angles(0, 60, 60, 90), [0, 0, 0, 1], { selection }).arraySync()
    expect(value({})).toBeCloseTo(Math.log1p(Math.exp(-0.5)), 5)
    expect(value({ countRepeats: true })).toBeCloseTo(Math.log1p(2 * Math.exp(-0.5)), 5)
  })

  it('says what is wrong', () => {
    expect(() => new NTXentLoss({ temperature: 0 })).toThrow('`temperature` to be a number above 0, got 0')
    expect(() => new NTXentLoss().compute(angles(0, 1), undefined)).toThrow('`labels` or a `selection`')
  })
})
