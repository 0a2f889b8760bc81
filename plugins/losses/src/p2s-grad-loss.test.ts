import * as tf from '@tensorflow/tfjs-core'
import { LpDistance } from '@metric-learning/distances'
import { describe, expect, it } from 'vitest'
import { P2SGradLoss } from './p2s-grad-loss.js'

const make = () => new P2SGradLoss({ descriptorsDim: 2, numClasses: 2 })
const x = tf.tensor2d([[3, 4], [0, 0]])

describe('P2SGradLoss', () => {
  it('is the mean squared difference of cosines and targets; a zero embedding has cosine 0', () => {
    const loss = make()
    loss.parameters.get('weight')!.assign(tf.tensor2d([[1, 0], [0, 1]]))
    const expected = ((0.6 - 1) ** 2 + 0.8 ** 2 + 0 + 1) / 4
    expect(loss.compute(x, [0, 1]).arraySync()).toBeCloseTo(expected, 6)
    const gradient = tf.grad((rows: tf.Tensor) => loss.compute(rows as tf.Tensor2D, [0, 1]))(x)
    expect(gradient.dataSync().every(Number.isFinite)).toBe(true)
  })

  it('brings its weights to norm 1 before it uses them, and leaks nothing', () => {
    const loss = make()
    const norms = () => tf.norm(loss.parameters.get('weight')!, 2, 0).dataSync()
    norms().forEach((norm) => expect(norm).toBeCloseTo(1, 6))
    loss.parameters.get('weight')!.assign(tf.tensor2d([[3, 0], [4, 2]]))
    const before = tf.memory().numTensors
    loss.compute(x, [0, 1]).dispose()
    expect(tf.memory().numTensors).toBe(before)
    const [a, b, c, d] = loss.parameters.get('weight')!.dataSync()
    ;[0.6, 0, 0.8, 1].forEach((value, i) => expect([a, b, c, d][i]).toBeCloseTo(value, 6))
  })

  it('says what is wrong', () => {
    expect(() => make().compute(x, [0, 2])).toThrow('labels in [0, numClasses) = [0, 2), got 2')
    expect(() => new P2SGradLoss({ descriptorsDim: 2, numClasses: 2, distance: new LpDistance() } as never)).toThrow('got `distance`')
    const selection = { anchor: [0], positive: [1], negative: [1] }
    expect(() => make().compute(x, [0, 1], { selection })).toThrow('P2SGradLoss: wanted no `selection`')
  })
})
