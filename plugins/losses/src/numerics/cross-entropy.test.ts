import * as tf from '@tensorflow/tfjs-core'
import { FusedKernel } from '@metric-learning/ops'
import { describe, expect, it } from 'vitest'
import { withFusedKernel } from '../../../../tools/test-support/with-fused-kernel.js'
import { withoutFusedKernel } from '../../../../tools/test-support/without-fused-kernel.js'
import { crossEntropy, targetMask } from './cross-entropy.js'

const logits = tf.tensor2d([[1, 2, 3, -1], [40, -90, 0, 12], [0, 0, 0, 0], [-3, 0.5, 0.25, 7]])
const isTarget = tf.oneHot(tf.tensor1d([1, 2, 0, 3], 'int32'), 4, 1, 0, 'float32') as tf.Tensor2D
const direction = tf.tensor1d([1, -2, 0.5, 3])

function run(): number[] {
  const { value, grad } = tf.valueAndGrad((x) => crossEntropy(x as tf.Tensor2D, isTarget))(logits, direction)
  return [...value.dataSync(), ...grad.dataSync()]
}

/** What the kernel's contract says, from tfjs's own operations. */
const kernel: tf.KernelFunc = ({ inputs }) => {
  const [logits, targets] = [inputs.logits as tf.Tensor2D, inputs.targets as tf.Tensor2D]
  return [tf.neg(tf.sum(tf.mul(targets, tf.logSoftmax(logits)), 1)), tf.sub(tf.softmax(logits), targets)]
}

describe('crossEntropy', () => {
  it('is log Σ exp(logits) less the logit of the class, with gradient softmax - isTarget', () => {
    const rows = logits.arraySync()
    const wanted = rows.map((row, i) => Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0)) - row[[1, 2, 0, 3][i]!]!)
    const got = run()
    wanted.forEach((value, i) => {
      expect(Math.abs(got[i]! - value)).toBeLessThan(1e-6 * Math.max(1, value))
    })
    const third = got.slice(4 + 2 * 4, 4 + 3 * 4)
    expect(third).toEqual([0.5 * (0.25 - 1), 0.125, 0.125, 0.125])
  })

  it('gives the same with a fused kernel and without', () => {
    const fused = withFusedKernel(FusedKernel.softmaxCrossEntropy, kernel, run)
    withoutFusedKernel(FusedKernel.softmaxCrossEntropy, run).forEach((value, i) => {
      expect(Math.abs(value - fused[i]!)).toBeLessThan(1e-6 * Math.max(1, Math.abs(fused[i]!)))
    })
  })

  it.each([
    ['fused', () => withFusedKernel(FusedKernel.softmaxCrossEntropy, kernel, run)],
    ['composed', () => withoutFusedKernel(FusedKernel.softmaxCrossEntropy, run)],
  ])('leaks nothing, %s', (_, body) => {
    const before = tf.memory().numTensors
    for (let i = 0; i < 20; i++) {
      tf.tidy(() => {
        body()
      })
    }
    expect(tf.memory().numTensors).toBe(before)
  })
})

it('targetMask marks the class of each row, also where there is one class only', () => {
  expect(targetMask(tf.tensor1d([2, 0], 'int32'), 3).arraySync()).toEqual([[0, 0, 1], [1, 0, 0]])
  expect(targetMask(tf.tensor1d([0, 0], 'int32'), 1).arraySync()).toEqual([[1], [1]])
})
