import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { HistogramLoss } from './histogram-loss.js'

const x = tf.tensor2d([[1, 0], [1, 0], [0, 1], [0, 1]])

describe('HistogramLoss', () => {
  it('is 0 where every positive is more similar than every negative, equal embeddings included', () => {
    expect(new HistogramLoss({ nBins: 4 }).compute(x, [0, 0, 1, 1]).arraySync()).toBeCloseTo(0, 6)
  })

  it('is the share of negatives that are more similar', () => {
    // Positives at cosine 0; negatives: two at 1, two at 0.
    expect(new HistogramLoss({ nBins: 4 }).compute(x, [0, 1, 0, 1]).arraySync()).toBeCloseTo(1, 6)
  })

  it('counts a pair once, in whatever order it is selected', () => {
    const once = { anchor: [0, 0], positive: [1, 1], negative: [2, 3] }
    const twice = { anchor: [0, 0, 1, 1], positive: [1, 1, 0, 0], negative: [2, 3, 2, 3] }
    const value = (selection: typeof once) =>
      new HistogramLoss({ nBins: 10 }).compute(tf.tensor2d([[1, 0.2], [1, 0.9], [0.3, 1], [1, -1]]), undefined, { selection }).arraySync()
    expect(value({ ...once, anchor: [1, 1], positive: [0, 0] })).not.toBeCloseTo(value(once), 6)
    expect(value(twice)).toBeGreaterThan(0)
  })

  it('wants bins of one width', () => {
    const of = (options: object) => new HistogramLoss(options).compute(tf.tensor2d([[1, 0.2], [1, 0.9], [0.3, 1], [1, -1]]), [0, 0, 1, 1]).arraySync()
    expect(of({})).toBe(of({ nBins: 100 }))
    expect(of({ nBins: 10 })).toBe(of({ delta: 0.2 }))
    expect(of({ nBins: 10 })).not.toBe(of({}))
    expect(() => new HistogramLoss({ nBins: 10, delta: 0.1 })).toThrow('`delta` to be 2 / `nBins`, got 0.1 with 10 bins')
  })
})
