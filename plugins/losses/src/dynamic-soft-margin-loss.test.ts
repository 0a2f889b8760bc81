import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { DynamicSoftMarginLoss } from './dynamic-soft-margin-loss.js'

const x = tf.tensor2d([[1, 0.2], [1, 0.9], [0.3, 1], [1, -1], [-1, 0.1]])
const labels = [0, 0, 1, 1, 2]
const gradient = (loss: DynamicSoftMarginLoss) => tf.grad((rows: tf.Tensor) => loss.compute(rows as tf.Tensor2D, labels))(x)
const histogram = (loss: DynamicSoftMarginLoss) => Array.from(loss.buffers.get('histogram')!.dataSync())

describe('DynamicSoftMarginLoss', () => {
  it('keeps a histogram of sum 1 from call to call, and goes back through each', () => {
    const loss = new DynamicSoftMarginLoss({ momentum: 0.5 })
    for (let step = 0; step < 3; step++) expect(gradient(loss).dataSync().every(Number.isFinite)).toBe(true)
    expect(histogram(loss).reduce((total, share) => total + share)).toBeCloseTo(1, 5)
    const before = histogram(loss)
    loss.compute(tf.neg(x), [0, 1, 0, 1, 2])
    expect(histogram(loss)).not.toEqual(before)
    loss.dispose()
  })

  it('counts triplets beyond the last node there', () => {
    const loss = new DynamicSoftMarginLoss({ minVal: -0.2, numBins: 2 })
    expect(Number.isFinite(loss.compute(x, labels).arraySync())).toBe(true)
    expect(histogram(loss).every((share) => share > 0)).toBe(true)
  })

  it('takes the histogram as a constant when asked', () => {
    const [through, detached] = [false, true].map((detachHistogram) => gradient(new DynamicSoftMarginLoss({ detachHistogram })).dataSync())
    expect(detached).not.toEqual(through)
  })

  it('pairs row with row and the hardest negative without labels', () => {
    // Two steps apart on the circle: every pair at sqrt 2, hence x = 0 - sqrt 2 for each of the rows.
    const circle = tf.tensor2d([[1, 0], [0, 1]])
    const loss = new DynamicSoftMarginLoss()
    const value = loss.compute(circle, undefined, { references: { refEmbeddings: tf.clone(circle) } }).arraySync()
    const share = (Math.SQRT2 % 0.4) / 0.4 // of the way from the node below to the next
    expect(value).toBeCloseTo(-Math.SQRT2 * share, 4)
  })

  it('leaves the histogram alone when there is nothing to count', () => {
    const loss = new DynamicSoftMarginLoss()
    expect(loss.compute(x, [0, 0, 0, 0, 0]).arraySync()).toBe(0)
    expect(histogram(loss).every((share) => share === 0)).toBe(true)
  })
})
