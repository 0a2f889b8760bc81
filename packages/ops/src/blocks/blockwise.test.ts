import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import type { Block } from '@metric-learning/contracts'
import { blockwise } from './blockwise.js'
import { mapRowBlocks } from './map-row-blocks.js'

const x = tf.tensor2d(Float32Array.from({ length: 14 }, (_, i) => Math.sin(i)), [7, 2])
const y = tf.tensor2d(Float32Array.from({ length: 7 }, (_, i) => Math.cos(i)), [7, 1])
const w = tf.tensor2d([[1, -2, 3], [0.5, 1, 2]])
const factors = tf.tensor1d([1, 2, 3, 4, 5, 6, 7], 'int32')

/** Σ_c tanh(x w + y²)_c · factor, two rows for each row. */
const formula = ({ rows: [a, b], whole: [matrix], constants: [c] }: Block) => {
  const values = tf.tanh(tf.add(tf.matMul(a as tf.Tensor2D, matrix as tf.Tensor2D), tf.square(b!)))
  const sums = tf.mul(tf.sum(values, 1), tf.cast(c!, 'float32'))
  return tf.concat([sums, tf.neg(sums)])
}
const inputs = (a: tf.Tensor, b: tf.Tensor, c: tf.Tensor) => ({ rows: [a, b], whole: [c], constants: [factors] })
const squares = (rows: number) => (a: tf.Tensor, b: tf.Tensor, c: tf.Tensor) => tf.mean(tf.square(blockwise(inputs(a, b, c), rows, formula)))
const near = (got: tf.Tensor, wanted: tf.Tensor) => {
  const expected = wanted.dataSync()
  expect(got.shape).toEqual(wanted.shape)
  got.dataSync().forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 4))
}

describe('blockwise', () => {
  it.each([1, 3, 4])('gives values and gradients of the whole in blocks of %d rows', (rows) => {
    const [whole, blocks] = [squares(7), squares(rows)].map((f) => tf.grads(f)([x, y, w]))
    near(squares(rows)(x, y, w), squares(7)(x, y, w))
    blocks!.forEach((gradient, i) => {
      near(gradient, whole![i]!)
    })
  })

  it('goes into larger formulas, and leaves the tape to what is around it', () => {
    const f = (rows: number) => (a: tf.Tensor) => {
      const scaled = tf.mul(a, 2)
      return tf.mul(tf.mean(tf.tanh(scaled)), squares(rows)(scaled, y, w))
    }
    near(tf.grad(f(2))(x), tf.grad(f(7))(x))
  })

  it('gives zeros to inputs that it does not use', () => {
    const f = (a: tf.Tensor, b: tf.Tensor) => tf.sum(blockwise({ rows: [a, b] }, 2, ({ rows }) => tf.square(rows[0]!)))
    expect(tf.grads(f)([x, y])[1]!.dataSync().every((value) => value === 0)).toBe(true)
  })

  it('leaves no tensor behind', () => {
    const run = () => tf.dispose(tf.grads(squares(3))([x, y, w]))
    run()
    const before = tf.memory().numTensors
    for (let i = 0; i < 10; i++) run()
    expect(tf.memory().numTensors).toBe(before)
  })
})

describe('mapRowBlocks', () => {
  it('joins what each block gives, and tells where it begins', () => {
    const starts: number[] = []
    const doubled = mapRowBlocks(3, [x, x], ([block, same], start) => {
      starts.push(start)
      return tf.add(block!, same!)
    })
    expect(starts).toEqual([0, 3, 6])
    near(doubled, tf.mul(x, 2))
  })
})
