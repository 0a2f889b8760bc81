import * as tf from '@tensorflow/tfjs-core'
import { Random } from '@metric-learning/contracts'
import { FusedKernel, hasFusedKernel } from '@metric-learning/ops'
import { describe, expect, it } from 'vitest'
import { withoutFusedKernel } from '../../../tools/test-support/without-fused-kernel.js'
import { LpDistance } from './lp-distance.js'

const random = new Random(2)
const matrix = (rows: number, dim: number) => tf.tensor2d(Float32Array.from({ length: rows * dim }, () => random.normal()), [rows, dim])
const indexOf = (rows: number, columns: number, below: number) => tf.tensor2d(Int32Array.from({ length: rows * columns }, () => random.int(below)), [rows, columns], 'int32')

function expectClose(got: tf.Tensor, wanted: tf.Tensor): void {
  expect(got.shape).toEqual(wanted.shape)
  const size = Math.max(0.01, tf.max(tf.abs(wanted)).dataSync()[0]!)
  expect(tf.max(tf.abs(tf.sub(got, wanted))).dataSync()[0]! / size).toBeLessThan(1e-5)
}

describe.runIf(hasFusedKernel(FusedKernel.euclideanDistancesAt))('distances of rows by their numbers', () => {
  describe.each([{}, { normalizeEmbeddings: false }, { power: 2 }])('by an LpDistance of %o', (options) => {
    const distance = new LpDistance(options)
    const both = (f: () => tf.Tensor[]): [tf.Tensor[], tf.Tensor[]] => [f(), withoutFusedKernel(FusedKernel.euclideanDistancesAt, f)]

    it.each([[1, 1, 1], [5, 3, 2], [33, 8, 4], [70, 21, 1], [64, 65, 3]])('are those of the composed operations, with their gradients: %d rows of %d columns, %d of each', (rows, dim, columns) => {
      tf.tidy(() => {
        const [x, y, direction] = [matrix(rows, dim), matrix(rows + 7, dim), matrix(rows, columns)]
        const [among, between] = [indexOf(rows, columns, rows), indexOf(rows, columns, rows + 7)]
        const [fused, composed] = both(() => {
          const ofOne = tf.valueAndGrad((a) => tf.sum(tf.mul(direction, distance.matrixAt(a as tf.Tensor2D, a as tf.Tensor2D, among))))(x)
          const ofTwo = tf.valueAndGrads((a, b) => tf.sum(tf.mul(direction, distance.matrixAt(a as tf.Tensor2D, b as tf.Tensor2D, between))))([x, y])
          return [distance.matrixAt(x, x, among), distance.matrixAt(x, y, between), ofOne.grad, ...ofTwo.grads]
        })
        fused.forEach((value, i) => expectClose(value, composed[i]!))
      })
    })

    it('are 0 for equal rows, which get the gradient 0, as a row of zeros does that is divided by its norm', () => {
      const rows = tf.tensor2d([[1, 2], [1, 2], [0, 0]])
      const index = tf.tensor2d([[1], [0], [2]], [3, 1], 'int32')
      const { value, grad } = tf.valueAndGrad((x) => tf.sum(distance.matrixAt(x as tf.Tensor2D, x as tf.Tensor2D, index)))(rows)
      expect(value.dataSync()[0]).toBe(0)
      expect(grad.arraySync()).toEqual([[0, 0], [0, 0], [0, 0]])
      if (!distance.normalizeEmbeddings) return
      const ofZeros = tf.grad((x) => tf.sum(distance.matrixAt(x as tf.Tensor2D, x as tf.Tensor2D, tf.tensor2d([[2], [2], [0]], [3, 1], 'int32'))))(rows)
      expect((ofZeros.arraySync() as number[][])[2]!.every((value) => value === 0)).toBe(true)
    })
  })

  it('leave no tensor behind', () => {
    const [x, index] = [matrix(4, 3), indexOf(4, 2, 4)]
    const before = tf.memory().numTensors
    const grad = tf.grad((a) => tf.sum(new LpDistance().matrixAt(a as tf.Tensor2D, a as tf.Tensor2D, index)))(x)
    grad.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  it('are of rows that are there', () => {
    const x = matrix(3, 2)
    expect(() => new LpDistance().matrixAt(x, x, tf.tensor2d([[0], [3], [1]], [3, 1], 'int32'))).toThrow('index in [0, m)')
  })
})
