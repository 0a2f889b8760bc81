import * as tf from '@tensorflow/tfjs-core'
import { CosineSimilarity, LpDistance } from '@metric-learning/distances'
import { describe, expect, it } from 'vitest'
import { TripletMarginLoss } from './triplet-margin-loss.js'

// On a line: the distance of two embeddings is the difference of their numbers.
const line = tf.tensor2d([[0], [1], [1.5]])
const labels = [0, 0, 1]
const distance = new LpDistance({ normalizeEmbeddings: false })
const value = (loss: TripletMarginLoss) => loss.compute(line, labels).arraySync()

describe('TripletMarginLoss', () => {
  it('averages the triplets that violate the margin', () => {
    // (0, 1, 2): 1 - 1.5 + 0.2 < 0. (1, 0, 2): 1 - 0.5 + 0.2.
    expect(value(new TripletMarginLoss({ margin: 0.2, distance }))).toBeCloseTo(0.7, 6)
  })

  it('swaps the anchor with the positive where the negative is nearer to that', () => {
    // Swapped, (0, 1, 2) counts with the distance 0.5 of 1 and 2.
    expect(value(new TripletMarginLoss({ margin: 0.2, distance, swap: true }))).toBeCloseTo(0.7, 6)
    expect(value(new TripletMarginLoss({ margin: 0.6, distance }))).toBeCloseTo((0.1 + 1.1) / 2, 6)
    expect(value(new TripletMarginLoss({ margin: 0.6, distance, swap: true }))).toBeCloseTo(1.1, 6)
  })

  it('swaps among the references when there are any', () => {
    const references = { refEmbeddings: tf.tensor2d([[1], [1.5]]), refLabels: [0, 1] }
    const loss = new TripletMarginLoss({ margin: 0.6, distance, swap: true })
    expect(loss.compute(tf.tensor2d([[0]]), [0], { references }).arraySync()).toBeCloseTo(1.1, 6)
  })

  it('is smooth when asked', () => {
    const smooth = new TripletMarginLoss({ margin: 0.2, distance, smoothLoss: true })
    expect(value(smooth)).toBeCloseTo((Math.log1p(Math.exp(-0.3)) + Math.log1p(Math.exp(0.7))) / 2, 6)
  })

  it('joins pairs by row number that the labels know nothing of', () => {
    // (2, 0, 1): 1.5 - 0.5 + 0.2, though 2 and 0 differ in label.
    const selection = { anchor1: [2], positive: [0], anchor2: [2], negative: [1] }
    const loss = new TripletMarginLoss({ margin: 0.2, distance })
    expect(loss.compute(line, labels, { selection }).arraySync()).toBeCloseTo(1.2, 6)
  })

  it('turns the difference round for a similarity', () => {
    const x = tf.tensor2d([[1, 0], [0.6, 0.8], [0, 1]])
    const loss = new TripletMarginLoss({ margin: 0, distance: new CosineSimilarity() })
    // (0, 1, 2): 0 - 0.6 < 0. (1, 0, 2): 0.8 - 0.6.
    expect(loss.compute(x, labels).arraySync()).toBeCloseTo(0.2, 6)
  })

  it('says what it does not know', () => {
    expect(() => new TripletMarginLoss({ marign: 1 } as never)).toThrow('got `marign`')
    expect(() => new TripletMarginLoss({ margin: NaN })).toThrow('`margin` to be a number, got NaN')
  })
})
