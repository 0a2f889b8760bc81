import * as tf from '@tensorflow/tfjs-core'
import { LpDistance } from '@metric-learning/distances'
import { describe, expect, it } from 'vitest'
import { AngularLoss } from './angular-loss.js'

const x = tf.tensor2d([[2, 0], [0, 1], [3, 4]])
const labels = [0, 0, 1]
const value = (loss: AngularLoss, rows = x) => loss.compute(rows, labels).arraySync()

describe('AngularLoss', () => {
  it('normalises pairs and negatives, and does not depend on scale', () => {
    // tan² 45° = 1, a · p = 0, (a + p) · n = 0.6 + 0.8.
    const loss = new AngularLoss({ alpha: 45 })
    expect(value(loss)).toBeCloseTo(Math.log1p(Math.exp(4 * 1.4)), 4)
    expect(value(loss, tf.mul<tf.Tensor2D>(x, 100))).toBeCloseTo(value(loss), 4)
  })

  it('takes negatives as they are when asked to', () => {
    expect(value(new AngularLoss({ alpha: 45, normalizeNegatives: false }))).toBeCloseTo(Math.log1p(Math.exp(4 * 7)), 4)
  })

  it('wants its distance, and degrees', () => {
    expect(() => new AngularLoss({ distance: new LpDistance({ p: 1 }) })).toThrow('p 2')
    expect(() => new AngularLoss({ alpha: 0.7 })).toThrow('in radians, pass 40.1')
  })
})
