import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { ContrastiveLoss } from '../contrastive-loss.js'
import { MarginLoss } from '../margin-loss.js'

const embeddings = tf.tensor2d([[1, 0], [0, 1], [1, 1], [2, -1]])
const labels = [0, 0, 1, 1]

describe('terms of a loss', () => {
  it('are all that is left on the device', () => {
    const loss = new MarginLoss({ learnBeta: true, nu: 0.1 })
    const before = tf.memory().numTensors
    const terms = loss.terms(embeddings, labels)
    tf.dispose(Object.values(terms).flatMap(({ values, weights, divisor }) => [values, weights, divisor].filter((tensor) => tensor !== undefined)))
    expect(tf.memory().numTensors).toBe(before)
    loss.dispose()
  })

  it('have the names that reducers know them by', () => {
    expect(Object.keys(new ContrastiveLoss().terms(embeddings, labels))).toEqual(['posLoss', 'negLoss'])
  })
})
