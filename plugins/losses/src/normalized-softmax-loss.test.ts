import * as tf from '@tensorflow/tfjs-core'
import { LpDistance } from '@metric-learning/distances'
import { describe, expect, it } from 'vitest'
import { NormalizedSoftmaxLoss } from './normalized-softmax-loss.js'

describe('NormalizedSoftmaxLoss', () => {
  const make = (options = {}) => {
    const loss = new NormalizedSoftmaxLoss({ numClasses: 2, embeddingSize: 2, temperature: 0.5, ...options })
    loss.parameters.get('W')!.assign(tf.tensor2d([[5, 0], [0, 9]]))
    return loss
  }

  it('is the cross entropy over cosines by temperature', () => {
    const x = tf.tensor2d([[3, 4]])
    expect(make().compute(x, [0]).arraySync()).toBeCloseTo(Math.log(1 + Math.exp(2 * 0.8 - 2 * 0.6)), 5)
    expect([make().numClasses, make().embeddingSize]).toEqual([2, 2])
  })

  it('counts distances negatively', () => {
    const logits = make({ distance: new LpDistance({ normalizeEmbeddings: false }) }).getLogits(tf.tensor2d([[3, 4]])).dataSync()
    ;[-Math.hypot(2, 4) / 0.5, -Math.hypot(3, 3) / 0.5].forEach((logit, i) => expect(logits[i]).toBeCloseTo(logit, 4))
  })
})
