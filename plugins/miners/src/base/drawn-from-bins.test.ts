import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { drawPlaces } from './drawn-from-bins.js'

describe('drawPlaces', () => {
  it('gives nothing that is no pair where there are more pairs than float32 counts', () => {
    // 2^24 pairs, one more that is lost when they are counted, three that round up to four, then none.
    const most = 2 ** 24
    const pairs = new Float32Array(most + 2 * 256).fill(1, 0, most + 1).fill(1, most + 256, most + 259)
    tf.tidy(() => {
      const numbers = tf.cast(tf.tensor2d(pairs, [pairs.length / 256, 256]), 'int32')
      const drawn = tf.tensor2d([0, most - 1, most + 2, most + 3], [1, 4], 'int32')
      for (const sign of [1, -1] as const) {
        const places = [...drawPlaces(tf.mul(numbers, tf.scalar(sign, 'int32')), sign, drawn).dataSync()].filter((place) => place >= 0)
        expect(new Set(places).size).toBe(3)
        expect(places.map((place) => pairs[place])).toEqual([1, 1, 1])
      }
    })
  })
})
