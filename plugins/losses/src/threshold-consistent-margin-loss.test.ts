import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { ThresholdConsistentMarginLoss } from './threshold-consistent-margin-loss.js'

describe('ThresholdConsistentMarginLoss', () => {
  it('looks at the references', () => {
    const references = { refEmbeddings: tf.tensor2d([[0.6, 0.8], [0.8, 0.6], [0, 1]]), refLabels: [0, 1, 1] }
    const loss = new ThresholdConsistentMarginLoss({ lambdaMinus: 2 })
    // Cosines 0.6 (positive), 0.8 and 0 (negative): 0.9 - 0.6 and 2 (0.8 - 0.5).
    expect(loss.compute(tf.tensor2d([[1, 0]]), [0], { references }).arraySync()).toBeCloseTo(0.3 + 0.6, 5)
  })
})
