import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { InstanceLoss } from './instance-loss.js'

const x = tf.tensor2d([[1, 0], [3, 4], [0, 2]])
const cosines = [[1, 0.6, 0], [0.6, 1, 0.8], [0, 0.8, 1]]
const entropy = (row: number, target: number) =>
  Math.log(cosines[row]!.reduce((sum, cosine) => sum + Math.exp(2 * cosine), 0)) - 2 * cosines[row]![target]!

describe('InstanceLoss', () => {
  it('takes the rank of a label as the row to find', () => {
    const expected = (entropy(0, 1) + entropy(1, 0) + entropy(2, 1)) / 3
    expect(new InstanceLoss({ gamma: 2 }).compute(x, [7, 3, 7]).arraySync()).toBeCloseTo(expected, 5)
  })

  it('takes the own row when asked to, whatever the labels', () => {
    const expected = (entropy(0, 0) + entropy(1, 1) + entropy(2, 2)) / 3
    expect(new InstanceLoss({ gamma: 2, targets: 'own' }).compute(x, [7, 3, 7]).arraySync()).toBeCloseTo(expected, 5)
    expect(new InstanceLoss({ gamma: 2 }).compute(x, [1, 2, 3]).arraySync()).toBeCloseTo(expected, 5)
  })

  it('says what is wrong', () => {
    expect(() => new InstanceLoss({ targets: 'all' as never })).toThrow("`targets` to be 'classRank' or 'own', got all")
    expect(() => new InstanceLoss().compute(x, [0, 1, 2], { selection: { anchor: [0], positive: [1], negative: [2] } })).toThrow('no `selection`')
  })
})
