import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { drawnFromBins } from './drawn-from-bins.js'

describe('drawnFromBins', () => {
  it('gives nothing that is no pair where there are more pairs than float32 counts', () => {
    // 2^24 pairs, one more that is lost when they are counted, three that round up to four, then none.
    const most = 2 ** 24
    const pairs = new Float32Array(most + 2 * 256).fill(1, 0, most + 1).fill(1, most + 256, most + 259)
    tf.tidy(() => {
      const mask = tf.tensor2d(pairs, [pairs.length / 256, 256])
      const drawn = tf.tensor2d([0, most - 1, most + 2, most + 3], [1, 4], 'int32')
      const weights = drawnFromBins(mask, mask, drawn)
      expect([tf.max(weights).arraySync(), tf.sum(weights).arraySync()]).toEqual([1, 3])
      expect(tf.sum(tf.mul(weights, tf.sub(1, mask))).arraySync()).toBe(0)
    })
  })
})
