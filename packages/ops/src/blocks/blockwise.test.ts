import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it, vi } from 'vitest'
import type { Block } from '@metric-learning/contracts'
import { withoutGradient } from '../gradients/without-gradient.js'
import { blockwise, sumsOfBlocks } from './blockwise.js'
import { mapRowBlocks, mapRowBlocksByName } from './map-row-blocks.js'

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

describe('sumsOfBlocks', () => {
  /** Σ_ij tanh(a_i · c_j + b_i²) and how many of them are above 0. */
  const tanhs = ({ rows: [a, b], whole: [matrix] }: Block) => {
    const values = tf.tanh(tf.add(tf.matMul(a as tf.Tensor2D, matrix as tf.Tensor2D, false, true), tf.square(b!)))
    return tf.stack([tf.sum(values), withoutGradient(() => tf.sum(tf.cast(tf.greater(values, 0), 'float32')))]) as tf.Tensor1D
  }
  const squares = ({ rows: [a] }: Block) => tf.stack([tf.sum(tf.square(a!)), tf.scalar(1)]) as tf.Tensor1D
  const mean = (rows: number) => (a: tf.Tensor, b: tf.Tensor, c: tf.Tensor) => {
    const [[sum, count], [square]] = tf.unstack(sumsOfBlocks({ rows: [a, b], whole: [c] }, rows, [tanhs, squares])).map((each) => tf.unstack(each)) as [[tf.Scalar, tf.Scalar], [tf.Scalar]]
    return tf.add(tf.div(tf.square(sum), withoutGradient(() => tf.clone(count))), tf.exp(tf.mul(square, 0.1)))
  }
  const others = tf.tensor2d([[1, -2], [0.5, 1], [3, 0.1]])

  it.each([1, 3, 4])('gives sums and gradients of the whole in blocks of %d rows', (rows) => {
    const inputs = { rows: [x, y], whole: [others], constants: [] }
    near(sumsOfBlocks(inputs, rows, [tanhs]), tf.stack([tanhs({ ...inputs, start: 0 })]))
    const [whole, blocks] = [mean(7), mean(rows)].map((f) => tf.grads(f)([x, y, others]))
    blocks!.forEach((gradient, i) => {
      near(gradient, whole![i]!)
    })
  })

  it('takes rows that are handed over whole as well', () => {
    const f = (rows: number) => (a: tf.Tensor) => mean(rows)(a, y, a)
    near(tf.grad(f(2))(x), tf.grad(f(7))(x))
  })

  const firstSum = (a: tf.Tensor, c: tf.Tensor, f = tanhs) => tf.slice(sumsOfBlocks({ rows: [a, y], whole: [c] }, 2, [f]), [0, 0], [1, 1])

  it('computes a block once for value and gradient', () => {
    const counted = vi.fn(tanhs)
    tf.grad((a: tf.Tensor) => firstSum(a, others, counted))(x)
    expect(counted).toHaveBeenCalledTimes(4)
  })

  it('makes no gradient of what nobody asks for, such as a memory', async () => {
    const memory = tf.ones([1000, 2])
    const { kernels } = await tf.profile(() => tf.grad((a: tf.Tensor) => firstSum(a, memory))(x))
    const ofMemory = kernels.filter(({ outputShapes }) => outputShapes.some((shape) => tf.util.arraysEqual(shape, memory.shape)))
    expect(ofMemory.map(({ name }) => name).filter((name) => name !== 'Identity')).toEqual([])
  })

  it('leaves no tensor behind, taped or not', () => {
    const run = () => {
      tf.dispose(tf.grads(mean(3))([x, y, others]))
      mean(3)(x, y, others).dispose()
    }
    tf.tidy(run)
    const before = tf.memory().numTensors
    for (let i = 0; i < 10; i++) tf.tidy(run)
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

  it('joins tensors of several types, each by itself', () => {
    const both = mapRowBlocksByName(3, [x, factors], ([block, factor]) => ({ squared: tf.square(block!), factor: tf.clone(factor!) }))
    near(both.squared, tf.square(x))
    expect([...both.factor.dataSync()]).toEqual([...factors.dataSync()])
  })
})
