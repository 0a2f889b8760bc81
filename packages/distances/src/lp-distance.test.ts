import * as tf from '@tensorflow/tfjs-core'
import { Random } from '@metric-learning/contracts'
import { mapRowBlocks } from '@metric-learning/ops'
import { describe, expect, it } from 'vitest'
import { LpDistance } from './lp-distance.js'
import { lpMatrix } from './lp-matrix.js'

const random = new Random(3)
const normal = (rows: number, dim: number) =>
  tf.tensor2d(Float32Array.from({ length: rows * dim }, () => random.normal()), [rows, dim])
const gradientOfSum = (distance: LpDistance, x: tf.Tensor2D) =>
  tf.grad((rows: tf.Tensor) => tf.sum(distance.matrix(rows as tf.Tensor2D)))(x)

describe('LpDistance', () => {
  it('puts equal rows at exactly 0 and keeps the precision of near ones, beyond 25 rows too', () => {
    const x = normal(40, 16)
    // 6e-5 apart at a length of about 4: there ‖x‖² - 2x·y + ‖y‖² in float32 has nothing left of the difference.
    const near = tf.add<tf.Tensor2D>(x, tf.mul(tf.onesLike(x), 2 ** -16))
    const distance = new LpDistance({ normalizeEmbeddings: false })
    const self = distance.matrix(x).arraySync()
    expect(self.every((row, i) => row[i] === 0)).toBe(true)
    const [differences, distances] = [tf.norm(tf.sub(x, near), 2, 1), distance.matrix(x, near)]
    const diagonal = distances.arraySync().map((row, i) => row[i]!)
    Array.from(differences.dataSync()).forEach((wanted, i) => expect(diagonal[i]! / wanted).toBeCloseTo(1, 5))
  })

  it.each([1, 1.5, 2, 3, Infinity])('has finite gradients on equal and on zero rows, p = %d', (p) => {
    const x = tf.tensor2d([[1, 2, -1], [1, 2, -1], [0, 0, 0], [0, 0, 0], [1e4, 0, -1e4]])
    for (const power of [0.5, 1, 2]) {
      for (const normalizeEmbeddings of [true, false]) {
        const gradient = gradientOfSum(new LpDistance({ p, power, normalizeEmbeddings }), x)
        expect(gradient.dataSync().every(Number.isFinite)).toBe(true)
      }
    }
  })

  it.each([1, 2, 3])('has the gradient that finite differences give, p = %d', (p) => {
    const x = normal(4, 3)
    const distance = new LpDistance({ p })
    const weights = normal(4, 4)
    const f = (rows: tf.Tensor) => tf.sum(tf.mul(weights, distance.matrix(rows as tf.Tensor2D)))
    const analytic = tf.grad(f)(x).dataSync()
    const values = x.dataSync()
    values.forEach((_, i) => {
      const shifted = (by: number) => f(tf.tensor2d(values.map((v, j) => (j === i ? v + by : v)), [4, 3])).dataSync()[0]!
      expect(analytic[i]).toBeCloseTo((shifted(1e-2) - shifted(-1e-2)) / 2e-2, 2)
    })
  })

  it.each([1, 2, 3])('has the same gradient among rows as between equal sets, p = %d', (p) => {
    const x = normal(7, 5)
    const weights = normal(7, 7)
    const among = tf.grad((rows: tf.Tensor) => tf.sum(tf.mul(weights, lpMatrix(rows as tf.Tensor2D, rows as tf.Tensor2D, p))))(x)
    const between = tf.grad((rows: tf.Tensor) => tf.sum(tf.mul(weights, lpMatrix(rows as tf.Tensor2D, tf.clone(rows) as tf.Tensor2D, p))))(x)
    const wanted = between.dataSync()
    among.dataSync().forEach((value, i) => expect(value).toBeCloseTo(wanted[i]!, 4))
  })

  it.each([1, 2, 3])('has elements with the gradient that the matrix has there, within a set and to another, p = %d', (p) => {
    const [x, y, weights] = [normal(7, 5), normal(9, 5), normal(7, 3)]
    const index = tf.tensor2d(Array.from({ length: 7 }, (_, row) => [row, (row + 1) % 7, 0]), [7, 3], 'int32')
    const isThere = (columns: number) => tf.oneHot(index, columns)
    for (const power of [1, 2]) {
      const distance = new LpDistance({ p, power })
      const at = (from: tf.Tensor2D, to: tf.Tensor2D) => tf.sum(tf.mul(distance.matrixAt(from, to, index), weights))
      const all = (from: tf.Tensor2D, to: tf.Tensor2D) =>
        tf.sum(tf.mul(distance.matrix(from, to), tf.sum(tf.mul(tf.cast(isThere(to.shape[0]), 'float32'), tf.expandDims(weights, 2)), 1)))
      const [given, wanted] = [at, all].map((of) => [
        tf.grad((rows: tf.Tensor) => of(rows as tf.Tensor2D, rows as tf.Tensor2D))(x),
        tf.grad((rows: tf.Tensor) => of(rows as tf.Tensor2D, y))(x),
        tf.grad((rows: tf.Tensor) => of(x, rows as tf.Tensor2D))(y),
      ])
      given!.forEach((gradient, i) => {
        const expected = wanted![i]!.dataSync()
        gradient.dataSync().forEach((value, j) => expect(value).toBeCloseTo(expected[j]!, 4))
      })
    }
  })

  it('gives rows the distances of the matrix, and the pairwise ones raw and shifted by 1e-6', () => {
    const [x, y] = [normal(5, 4), normal(5, 4)]
    const distance = new LpDistance({ power: 2 })
    const matrix = distance.matrix(x, y).arraySync()
    Array.from(distance.betweenRows(x, y).dataSync()).forEach((d, i) => expect(d).toBeCloseTo(matrix[i]![i]!, 5))
    const self = new LpDistance().pairwiseDistance(tf.zerosLike(x), tf.zerosLike(x)).dataSync()
    expect(self[0]! / 2e-6).toBeCloseTo(1, 4)
  })

  it('leaves one tensor behind', () => {
    const x = normal(6, 4)
    const before = tf.memory().numTensors
    new LpDistance({ p: 3, power: 2 }).matrix(x).dispose()
    gradientOfSum(new LpDistance({ p: 3 }), x).dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  it('says what is wrong', () => {
    expect(() => new LpDistance({ p: 0.5 })).toThrow('`p` to be a number of at least 1, got 0.5')
    expect(() => new LpDistance({ isInverted: true } as never)).toThrow('got `isInverted`')
    expect(() => new LpDistance().matrix(normal(2, 3), normal(2, 4))).toThrow('`references` of shape [m, 3], got [2, 4]')
  })
})

describe('mapRowBlocks', () => {
  it('gives the same in one block and in several', () => {
    const x = normal(7, 3)
    const whole = lpMatrix(x, x, 2).dataSync()
    const blocks = mapRowBlocks(3, [x], ([block]) => lpMatrix(block!, x, 2)).dataSync()
    blocks.forEach((distance, i) => expect(distance).toBeCloseTo(whole[i]!, 6))
  })
})
