import * as tf from '@tensorflow/tfjs-core'
import { NonFiniteError } from '@metric-learning/contracts'
import { expectFinite } from '@metric-learning/ops'
import { describe, expect, it } from 'vitest'
import { compileStep } from '../compile/compile-step.js'
import { asNonFiniteError } from './expect-finite.js'

describe('expectFinite', () => {
  it.each([NaN, Infinity, -Infinity])('refuses %d, wherever it is, and says whose it is', (value) => {
    for (const at of [0, 5]) {
      const x = tf.tensor2d(Float32Array.from({ length: 6 }, (_, i) => (i === at ? value : i)), [2, 3])
      expect(() => {
        expectFinite('A "loss"', 'embeddings', x)
      }).toThrow('A "loss": wanted `embeddings` of finite numbers, got NaN or infinity. Lower')
    }
  })

  it('passes other numbers, and lets gradients alone', () => {
    const x = tf.tensor1d([1e30, -1e30, 0])
    const gradient = tf.grad((at: tf.Tensor) => {
      expectFinite('me', 'x', at)
      return tf.sum(tf.mul(at, 3))
    })(x)
    expect([...gradient.dataSync()]).toEqual([3, 3, 3])
  })

  it('leaves no tensor behind', () => {
    const [fine, broken] = [tf.tensor1d([1]), tf.tensor1d([NaN])]
    const before = tf.memory().numTensors
    expectFinite('me', 'x', fine)
    expect(() => {
      expectFinite('me', 'x', broken)
    }).toThrow(NonFiniteError)
    expect(tf.memory().numTensors).toBe(before)
  })

  it('leaves other errors alone', () => {
    const other = new Error('Session fail to run with error: no such thing')
    expect(asNonFiniteError(other)).toBe(other)
  })
})

describe.runIf(tf.getBackend() === 'tensorflow')('expectFinite in a compiled step', () => {
  it('fails the step, which then changes nothing, though nothing needs the result of the check', () => {
    const w = tf.variable(tf.scalar(0))
    const step = compileStep((x) => {
      expectFinite('first', 'x', x!)
      expectFinite('second', 'x', x!)
      w.assign(tf.add(w, 1))
      return [tf.scalar(0)]
    })
    for (let i = 0; i < 4; i++) tf.dispose(step(tf.tensor1d([1, 2])))
    expect(step.graphs).toBe(1)
    for (let i = 0; i < 20; i++) expect(() => step(tf.tensor1d([1, NaN]))).toThrow('first: wanted `x` of finite numbers')
    expect(w.dataSync()[0]).toBe(4)
    tf.dispose(step(tf.tensor1d([1, 2])))
    expect(w.dataSync()[0]).toBe(5)
    step.dispose()
    w.dispose()
  })

  it('is what is reported where another operation fails over the same number', () => {
    const table = tf.tensor1d([10, 20])
    const step = compileStep((x) => {
      expectFinite('me', 'x', x!)
      return [tf.gather(table, tf.cast(x!, 'int32') as tf.Tensor1D)]
    })
    const at = (...rows: number[]) => step(tf.tensor1d(rows))
    for (let i = 0; i < 4; i++) tf.dispose(at(0, 1))
    for (let i = 0; i < 50; i++) expect(() => at(NaN, 1)).toThrow('me: wanted `x` of finite numbers')
    expect(() => at(7, 1)).toThrow('indices')
    step.dispose()
  })
})
