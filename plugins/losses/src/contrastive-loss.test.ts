import * as tf from '@tensorflow/tfjs-core'
import { CosineSimilarity, LpDistance } from '@metric-learning/distances'
import { describe, expect, it } from 'vitest'
import { ContrastiveLoss } from './contrastive-loss.js'

// On a line: the distance of two embeddings is the difference of their numbers.
const line = tf.tensor2d([[0], [1], [1.5]])
const labels = [0, 0, 1]
const distance = new LpDistance({ normalizeEmbeddings: false })

describe('ContrastiveLoss', () => {
  it('adds the mean positive violation to the mean negative one', () => {
    // Positives at 1, twice. Negatives at 1.5 and 0.5, each both ways; only 0.5 is within 1.
    const loss = new ContrastiveLoss({ posMargin: 0.25, distance })
    expect(loss.compute(line, labels).arraySync()).toBeCloseTo(0.75 + 0.5, 6)
  })

  it('turns round for a similarity', () => {
    const x = tf.tensor2d([[1, 0], [0.6, 0.8], [0, 1]])
    const loss = new ContrastiveLoss({ posMargin: 1, negMargin: 0, distance: new CosineSimilarity() })
    expect(loss.compute(x, labels).arraySync()).toBeCloseTo(1 - 0.6 + 0.8, 6)
  })

  it('counts a single pair of each kind', () => {
    const selection = { anchor1: [0], positive: [1], anchor2: [1], negative: [2] }
    expect(new ContrastiveLoss({ distance }).compute(line, labels, { selection }).arraySync()).toBeCloseTo(1 + 0.5, 6)
  })

  it('shows its terms before they are reduced', () => {
    const { posLoss, negLoss } = new ContrastiveLoss({ distance }).terms(line, labels)
    expect(posLoss!.values.arraySync()).toEqual([[0, 1, 1.5], [1, 0, 0.5], [1.5, 0.5, 0]])
    expect(posLoss!.weights!.arraySync()).toEqual([[0, 1, 0], [1, 0, 0], [0, 0, 0]])
    expect(negLoss!.weights!.arraySync()).toEqual([[0, 0, 1], [0, 0, 1], [1, 1, 0]])
  })
})
