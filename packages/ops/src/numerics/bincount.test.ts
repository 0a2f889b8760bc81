import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { withoutFusedKernel } from '../../../../tools/test-support/without-fused-kernel.js'
import { FusedKernel } from '../fused-kernels.js'
import { bincount } from './bincount.js'

describe('bincount', () => {
  const places = tf.tensor1d([3, 0, 3, 1], 'int32')
  const weights = tf.tensor1d([0.5, 2, 1.5, -1])
  const count = () => {
    const before = tf.memory().numTensors
    const counts = bincount(places, weights, 5)
    expect(tf.memory().numTensors).toBe(before + 1)
    return [...counts.dataSync()]
  }

  it('sums weights by place, whatever the backend has for it', () => {
    expect(count()).toEqual([2, -1, 0, 2, 0])
    expect(withoutFusedKernel(FusedKernel.bincount, count)).toEqual([2, -1, 0, 2, 0])
  })
})
