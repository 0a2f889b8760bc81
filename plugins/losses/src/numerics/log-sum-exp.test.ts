import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { expectClose, toTensor, readGolden } from '@metric-learning/golden'
import { logSumExp, nothing } from './log-sum-exp.js'

describe('logSumExp as in PyTorch Metric Learning', () => {
  for (const of of readGolden('utils').filter((one) => one.function === 'logsumexp')) {
    it(of.id, () => {
      const { x, keep_mask, add_one = true, dim = 1 } = of.inputs as { x: unknown; keep_mask?: number[][] | null; add_one?: boolean; dim?: number }
      const ofRows = (matrix: tf.Tensor) => (dim === 1 ? matrix : tf.transpose(matrix))
      const mask = keep_mask ? ofRows(tf.tensor2d(keep_mask, undefined, 'float32')) : tf.onesLike(ofRows(toTensor(x)))
      const f = (matrix: tf.Tensor) => logSumExp(ofRows(matrix), mask, { addOne: add_one })
      expectClose('output', f(toTensor(x)), of.expected.output, of, 'value')
      const factors = toTensor(of.inputs.output_grad_weights)
      const [rows, columns] = (of.expected.output as { shape: [number, number] }).shape
      const dy = tf.reshape(tf.slice(factors, [0, 0], [rows, columns]), [-1])
      expectClose('gradient', tf.grad(f)(toTensor(x), dy), (of.expected.grads as { x: unknown }).x, of, 'grad')
    })
  }
})

describe('logSumExp', () => {
  it('counts an entry as often as its weight says', () => {
    const x = tf.tensor2d([[0, 1, 50]])
    expect(logSumExp(x, tf.tensor2d([[2, 1, 0]])).arraySync()).toEqual([expect.closeTo(Math.log(2 + Math.E), 6)])
  })

  it('gives what is asked for a sum over nothing, with gradient 0', () => {
    const f = (x: tf.Tensor) => logSumExp(x, tf.zerosLike(tf.ones([1, 2])), { ofNone: nothing })
    expect(f(tf.tensor2d([[1, 2]])).arraySync()).toEqual([expect.closeTo(nothing, -25)])
    expect(tf.grad(f)(tf.tensor2d([[1, NaN]])).arraySync()).toEqual([[0, 0]])
  })

  it('shows a NaN that takes part', () => {
    expect(logSumExp(tf.tensor2d([[1, NaN]]), tf.ones([1, 2])).arraySync()).toEqual([NaN])
  })
})
