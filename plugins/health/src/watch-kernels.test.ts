import * as tf from '@tensorflow/tfjs-core'
import { expectFinite } from '@metric-learning/ops'
import { describe, expect, it } from 'vitest'
import { brokenRows, isFinite, watchKernels } from './watch-kernels.js'

/** `tf.tidy` of what gives no tensor. */
function tidied<T>(work: () => T): T {
  const results: T[] = []
  tf.tidy(() => {
    results.push(work())
  })
  return results[0]!
}

describe('watchKernels', () => {
  it('names operations that break finite numbers, the parameter before them, and rows; and lets checks pass', () => {
    const weight = tf.variable(tf.tensor2d([1, 0, 0, 200], [2, 2]))
    const x = tf.tensor2d([1, 1, 1, 0, 2, 2], [3, 2])
    const before = tf.memory().numTensors
    const { result, broken } = tidied(() =>
      watchKernels(new Map([['trunk.weight', weight as tf.Variable]]), 3, () => {
        const grown = tf.exp(tf.matMul(x, weight as tf.Tensor2D))
        expectFinite('me', 'grown', grown)
        return tf.sum(tf.sub(grown, grown)).dataSync()[0]
      }),
    )
    expect(result).toBeNaN()
    expect(broken).toEqual([{ kernel: 'Exp', parameter: 'trunk.weight', rows: [0, 2] }])
    expect(tf.memory().numTensors).toBe(before)
    expect(Object.keys(tf.engine())).not.toContain('runKernel')
    tf.dispose([weight, x])
  })

  it('watches the way back, too', () => {
    const x = tf.tensor1d([0, 1])
    const { broken } = tidied(() => watchKernels(new Map(), 2, () => tf.grad((at) => tf.sum(tf.sqrt(at)))(x)))
    expect(broken[0]).toMatchObject({ parameter: undefined, rows: [0] })
    x.dispose()
  })

  it('finds nothing where all is finite, and stops watching when the work throws', () => {
    expect(watchKernels(new Map(), 1, () => tf.tidy(() => tf.add(1, 1).dataSync()[0]))).toEqual({ result: 2, broken: [] })
    expect(() => watchKernels(new Map(), 1, () => { throw new Error('work') })).toThrow('work')
    expect(Object.keys(tf.engine())).not.toContain('runKernel')
  })

  it('takes no constant for a break, such as the infinity of a mask', () => {
    const { result, broken } = tidied(() => watchKernels(new Map(), 2, () => tf.min(tf.where(tf.tensor1d([1, 0], 'bool'), tf.tensor1d([3, 4]), tf.fill([2], Infinity))).dataSync()[0]))
    expect([result, broken]).toEqual([3, []])
  })

  it('knows broken numbers of all kinds', () => {
    tf.tidy(() => {
      expect(brokenRows(tf.tensor2d([1, NaN, 2, 3, -Infinity, 0], [3, 2]))).toEqual([0, 2])
      expect([isFinite(tf.scalar(1e30)), isFinite(tf.scalar(Infinity)), isFinite(tf.tensor1d([], 'float32')), isFinite(tf.scalar(1, 'int32'))]).toEqual([true, false, true, true])
    })
  })
})
