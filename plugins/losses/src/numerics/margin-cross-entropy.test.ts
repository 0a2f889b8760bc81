import * as tf from '@tensorflow/tfjs-core'
import { FusedKernel } from '@metric-learning/ops'
import { describe, expect, it } from 'vitest'
import { withFusedKernel } from '../../../../tools/test-support/with-fused-kernel.js'
import { withoutFusedKernel } from '../../../../tools/test-support/without-fused-kernel.js'
import { addAngle, type CosineMargin } from './angles.js'
import { marginCrossEntropy } from './margin-cross-entropy.js'

const scores = tf.tensor2d([[0.3, -0.5, 0.9], [0.1, 0.2, -0.95]])
const labels = tf.tensor1d([1, 2], 'int32')
const half = (target: tf.Tensor1D): CosineMargin => ({ value: tf.mul(target, 0.5), slope: 0.5 })

/** What the kernel's contract says, from tfjs's own operations. */
const kernel: tf.KernelFunc = ({ inputs }) => {
  const [logits, targets] = [inputs.logits as tf.Tensor2D, tf.oneHot(inputs.labels as tf.Tensor1D, 3, 1, 0, 'float32')]
  return [tf.neg(tf.sum(tf.mul(targets, tf.logSoftmax(logits)), 1)), tf.sub(tf.softmax(logits), targets)]
}

describe('marginCrossEntropy', () => {
  it('is the cross entropy with the margin at the class', () => {
    const entropy = marginCrossEntropy(scores, labels, { scale: 2, margin: half }).dataSync()
    const first = Math.log(Math.exp(0.6) + Math.exp(-0.5) + Math.exp(1.8)) + 0.5
    const second = Math.log(Math.exp(0.2) + Math.exp(0.4) + Math.exp(-0.95)) + 0.95
    ;[first, second].forEach((value, i) => expect(entropy[i]).toBeCloseTo(value, 5))
  })

  it.each([
    ['a factor', half],
    ['an angle', (target) => addAngle(target, 0.5)],
  ] as [string, (target: tf.Tensor1D) => CosineMargin][])('has the gradient that finite differences give, for %s', (_, margin) => {
    const f = (x: tf.Tensor) => tf.sum<tf.Scalar>(tf.mul(marginCrossEntropy(x as tf.Tensor2D, labels, { scale: 3, margin }), [1, 2]))
    const analytic = tf.grad(f)(scores).dataSync()
    analytic.forEach((slope, i) => {
      const step = tf.tensor2d(Array.from({ length: 6 }, (_unused, j) => (i === j ? 2e-3 : 0)), [2, 3])
      const numeric = (f(tf.add(scores, step)).arraySync() - f(tf.sub(scores, step)).arraySync()) / 4e-3
      expect(Math.abs(slope - numeric)).toBeLessThan(5e-3)
    })
  })

  it('gives the same with a fused kernel and without', () => {
    const options = { scale: 16, margin: (target: tf.Tensor1D) => addAngle(target, 0.3) }
    const run = () => {
      const f = (x: tf.Tensor) => marginCrossEntropy(x as tf.Tensor2D, labels, options)
      const { value, grad } = tf.valueAndGrad(f)(scores, tf.tensor1d([1, -2]))
      return [...value.dataSync(), ...grad.dataSync()]
    }
    const fused = withFusedKernel(FusedKernel.sparseSoftmaxCrossEntropy, kernel, run)
    withoutFusedKernel(FusedKernel.sparseSoftmaxCrossEntropy, run).forEach((value, i) => {
      expect(Math.abs(value - fused[i]!)).toBeLessThan(1e-6 * Math.max(1, Math.abs(fused[i]!)))
    })
  })

  it('keeps small losses next to large scores', () => {
    const margin = (target: tf.Tensor1D): CosineMargin => ({ value: tf.add(target, -0.8), slope: 1 })
    const entropy = marginCrossEntropy(tf.tensor2d([[-0.7, 0.2]]), tf.tensor1d([1], 'int32'), { scale: 60, margin })
    expect(entropy.dataSync()[0]! / Math.log(1 + Math.exp(-6))).toBeCloseTo(1, 3)
  })

  it('does not overflow', () => {
    const of = (x: tf.Tensor) => marginCrossEntropy(x as tf.Tensor2D, labels, { scale: 1e6, margin: half })
    expect(of(scores).dataSync().every(Number.isFinite)).toBe(true)
    expect(tf.grad((x: tf.Tensor) => tf.sum(of(x)))(scores).dataSync().every(Number.isFinite)).toBe(true)
  })
})
