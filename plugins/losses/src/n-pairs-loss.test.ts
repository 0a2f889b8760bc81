import * as tf from '@tensorflow/tfjs-core'
import { DotProductSimilarity } from '@metric-learning/distances'
import { describe, expect, it } from 'vitest'
import { NPairsLoss } from './n-pairs-loss.js'

const distance = new DotProductSimilarity({ normalizeEmbeddings: false })
const x = tf.tensor2d([[1, 0], [2, 1], [3, 1], [0, 1], [1, 2]])
const labels = [0, 0, 0, 1, 1]
const entropy = (own: number, other: number) => Math.log1p(Math.exp(other - own))

describe('NPairsLoss', () => {
  it('takes the first pair of every class', () => {
    // (0, 1) and (3, 4): dot products 2, 1 for the anchor 0 and 2, 1 for the anchor 3.
    expect(new NPairsLoss({ distance }).compute(x, labels).arraySync()).toBeCloseTo((entropy(2, 1) + entropy(2, 1)) / 2, 5)
  })

  it('goes by the order of a list', () => {
    const selection = { anchor1: [2, 0, 3], positive: [1, 1, 4], anchor2: [], negative: [] }
    // (2, 1): 3 · 2 + 1 · 1 = 7 against 3 + 2; (3, 4): 2 against 1.
    expect(new NPairsLoss({ distance }).compute(x, labels, { selection }).arraySync()).toBeCloseTo((entropy(7, 5) + entropy(2, 1)) / 2, 5)
  })

  it('is 0 with one class, and without positives', () => {
    expect(new NPairsLoss().compute(x, [0, 0, 0, 0, 0]).arraySync()).toBeCloseTo(0, 6)
    expect(new NPairsLoss().compute(x, [0, 1, 2, 3, 4]).arraySync()).toBe(0)
  })
})
