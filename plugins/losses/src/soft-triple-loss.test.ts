import * as tf from '@tensorflow/tfjs-core'
import { LpDistance } from '@metric-learning/distances'
import { describe, expect, it } from 'vitest'
import { SoftTripleLoss } from './soft-triple-loss.js'

const options = { numClasses: 2, embeddingSize: 2, centersPerClass: 2, gamma: 0.5, la: 3, margin: 0.2 }

describe('SoftTripleLoss', () => {
  it('weighs the centres of a class by how near they are', () => {
    const loss = new SoftTripleLoss(options)
    loss.parameters.get('fc')!.assign(tf.tensor2d([[1, 0, -2, 0], [0, 1, 0, -2]]))
    const x = tf.tensor2d([[3, 4]])
    const of = (a: number, b: number) => (a * Math.exp(a / 0.5) + b * Math.exp(b / 0.5)) / (Math.exp(a / 0.5) + Math.exp(b / 0.5))
    const [own, other] = [of(0.6, 0.8), of(-0.6, -0.8)]
    ;[own, other].forEach((similarity, i) => expect(loss.getLogits(x).dataSync()[i]).toBeCloseTo(similarity, 5))
    const expected = Math.log(1 + Math.exp(3 * other - 3 * (own - 0.2)))
    expect(loss.compute(x, [0]).arraySync()).toBeCloseTo(expected, 5)
  })

  it('begins within ±1 / √(numClasses · centersPerClass)', () => {
    const values = new SoftTripleLoss({ ...options, numClasses: 50 }).parameters.get('fc')!.dataSync()
    expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(Math.fround(0.1))
    expect(Math.max(...values.map(Math.abs))).toBeGreaterThan(0.09)
  })

  it('wants a similarity', () => {
    expect(() => new SoftTripleLoss({ ...options, distance: new LpDistance() })).toThrow('`distance` to be a similarity, got LpDistance')
  })
})
