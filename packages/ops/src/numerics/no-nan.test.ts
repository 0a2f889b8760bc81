import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { withoutFusedKernel } from '../../../../tools/test-support/without-fused-kernel.js'
import { FusedKernel } from '../fused-kernels.js'
import { divNoNan, mulNoNan } from './no-nan.js'

const x = tf.tensor2d([[NaN, Infinity, 6], [8, 0, NaN]])
const row = tf.tensor2d([[0, 0, 2]])
const composed = <T>(body: () => T): T => withoutFusedKernel(FusedKernel.mulNoNan, () => withoutFusedKernel(FusedKernel.divNoNan, body))

describe.each([
  ['as the backend has them', <T>(body: () => T) => body()],
  ['composed', composed],
])('mulNoNan and divNoNan, %s', (_how, within) => {
  it('are 0 where the second one is 0', () => {
    within(() => {
      expect(mulNoNan(x, row).arraySync()).toEqual([[0, 0, 12], [0, 0, NaN]])
      expect(divNoNan(x, row).arraySync()).toEqual([[0, 0, 3], [0, 0, NaN]])
    })
  })

  it('leave one tensor behind', () => {
    within(() => {
      const before = tf.memory().numTensors
      tf.dispose([mulNoNan(x, row), divNoNan(x, row)])
      expect(tf.memory().numTensors).toBe(before)
    })
  })
})
