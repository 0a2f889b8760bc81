import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { softHistogram } from './soft-histogram.js'

const nodes = { low: -1, width: 0.5, nodes: 5 }
const values = tf.tensor2d([[-1, -0.9, 1], [0.25, 7, -7]])
const weights = tf.tensor2d([[1, 2, 1], [1, 1, 3]])
const near = (rows: number[][]) => rows.map((row) => row.map((value) => expect.closeTo(value, 5) as number))

describe('softHistogram', () => {
  it('shares a value among the nodes around it, and counts what lies beyond at the ends', () => {
    expect(softHistogram(values, weights, nodes).arraySync()).toEqual(near([[2.6, 0.4, 0, 0, 1], [3, 0, 0.5, 0.5, 1]]))
  })

  it('has the slope of the share for a gradient, 0 beyond the ends', () => {
    const dy = tf.tensor2d([[1, 4, 0, 0, 2], [0, 0, 1, 3, 9]])
    const gradient = tf.grad((x: tf.Tensor) => softHistogram(x as tf.Tensor2D, weights, nodes))(values, dy)
    expect(gradient.arraySync()).toEqual(near([[6, 12, 4], [4, 0, 0]]))
  })

  it('shows a NaN', () => {
    const counts = softHistogram(tf.tensor2d([[NaN]]), tf.ones([1, 1]), nodes).dataSync()
    expect(counts.some(Number.isNaN)).toBe(true)
  })
})
