import * as tf from '@tensorflow/tfjs-core'
import { LpDistance } from '@metric-learning/distances'
import { describe, expect, it } from 'vitest'
import { LiftedStructureLoss } from './lifted-structure-loss.js'

// On a line: the distance of two embeddings is the difference of their numbers.
const distance = new LpDistance({ normalizeEmbeddings: false })
const loss = new LiftedStructureLoss({ distance })

describe('LiftedStructureLoss', () => {
  it('takes the negatives of anchor and positive', () => {
    // (0, 1) and (1, 0) both see the negative at 1.5 from 0 and at 0.5 from 1.
    const push = Math.log(Math.exp(1 - 1.5) + Math.exp(1 - 0.5))
    expect(loss.compute(tf.tensor2d([[0], [1], [1.5]]), [0, 0, 1]).arraySync()).toBeCloseTo((push + 1) ** 2 / 2, 5)
  })

  it('takes the negatives of the anchor alone where the positive is a reference, whatever the order of references', () => {
    const value = (rows: number[], refLabels: number[]) =>
      loss.compute(tf.tensor2d([[0], [3]]), [0, 1], { references: { refEmbeddings: tf.tensor2d(rows, [3, 1]), refLabels } }).arraySync()
    expect(value([1, 1.5, 2], [0, 1, 2])).toBeCloseTo(value([1.5, 2, 1], [1, 2, 0]), 6)
    expect(loss.compute(tf.tensor2d([[0]]), [0], { references: { refEmbeddings: tf.tensor2d([[1], [1.5]]), refLabels: [0, 1] } }).arraySync())
      .toBeCloseTo((1 - 1.5 + 1) ** 2 / 2, 6)
  })

  it('is 0 without negatives', () => {
    expect(loss.compute(tf.tensor2d([[0], [1]]), [0, 0]).arraySync()).toBe(0)
  })
})
