import * as tf from '@tensorflow/tfjs-core'
import { FusedKernel, hasFusedKernel } from '@metric-learning/ops'
import type { NodeJSKernelBackend } from '#tfjs-node/nodejs_kernel_backend.js'
import { describe, expect, it } from 'vitest'
import { softmaxCrossEntropyConfig, sparseSoftmaxCrossEntropyConfig } from './softmax-cross-entropy.js'

const epsilon = 1e-3
const runKernel = <T extends tf.Tensor | tf.Tensor[]>(name: string, inputs: tf.NamedTensorMap, attrs = {}) =>
  tf.engine().runKernel(name, inputs, attrs) as T

/** The formula of batch normalisation, from small operations; tfjs derives its gradient. */
function composed(x: tf.Tensor, scale: tf.Tensor, offset: tf.Tensor): tf.Tensor {
  const { mean, variance } = tf.moments(x, [0, 1, 2])
  return tf.add(tf.mul(tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, epsilon))), scale), offset)
}

/** Values on the order of a thousand with a spread of one are the hard case for a variance. */
const input = (mean: number) => tf.add(tf.randomNormal<tf.Rank.R4>([4, 5, 3, 2], 0, 1, 'float32', 7), mean)
const scale = tf.tensor1d([1.5, -0.5])
const offset = tf.tensor1d([0.25, 2])
const runningMean = tf.tensor1d([0.5, -2])
const runningVariance = tf.tensor1d([4, 0.25])
const direction = tf.randomNormal<tf.Rank.R4>([4, 5, 3, 2], 0, 1, 'float32', 8)

function expectClose(got: tf.Tensor, wanted: tf.Tensor, tolerance = 1e-5): void {
  expect(got.shape).toEqual(wanted.shape)
  const size = 1 + (tf.max(tf.abs(wanted)).dataSync()[0] ?? NaN)
  expect(tf.max(tf.abs(tf.sub(got, wanted))).dataSync()[0]).toBeLessThan(tolerance * size)
}

describe.runIf(tf.getBackend() === 'tensorflow')('fused kernels of the native backend', () => {
  it('are found by the modules that can use them', () => {
    const { softmaxCrossEntropy, sparseSoftmaxCrossEntropy, bincount, hardestPairs, pairHinges, euclideanDistancesAt, euclideanDistancesAtGrad, ...always } = FusedKernel
    for (const name of Object.values(always)) expect(hasFusedKernel(name)).toBe(true)
    const { isUsingGpuDevice } = tf.backend() as NodeJSKernelBackend
    for (const name of [softmaxCrossEntropy, sparseSoftmaxCrossEntropy]) expect(hasFusedKernel(name)).toBe(isUsingGpuDevice)
    for (const name of [bincount, hardestPairs, pairHinges, euclideanDistancesAt, euclideanDistancesAtGrad]) expect(hasFusedKernel(name)).toBe(!isUsingGpuDevice)
  })

  it.each([
    [0, 0.1],
    [3, 0.9],
    [3, 1],
    [0, 0],
  ])('normalise a batch of mean %d with momentum %d as the formula does, in values and gradients', (mean, momentum) => {
    const x = input(mean)
    const [y, movedMean, variance, ...reserves] = runKernel<tf.Tensor[]>(
      FusedKernel.batchNormTraining,
      { x, scale, offset, runningMean, runningVariance },
      { epsilon, momentum },
    )
    const moments = tf.moments(x, [0, 1, 2])
    const moved = (from: tf.Tensor, to: tf.Tensor) => tf.add(tf.mul(from, 1 - momentum), tf.mul(to, momentum))
    expectClose(y!, composed(x, scale, offset))
    expectClose(movedMean!, moved(runningMean, moments.mean))
    // unbiased: 4 * 5 * 3 values a channel
    expectClose(variance!, moved(runningVariance, tf.mul(moments.variance, 60 / 59)))
    expect([...runningMean.dataSync(), ...runningVariance.dataSync()]).toEqual([0.5, -2, 4, 0.25])

    const [reserve1, reserve2, reserve3] = reserves as [tf.Tensor, tf.Tensor, tf.Tensor]
    const gradients = runKernel<tf.Tensor[]>(
      FusedKernel.batchNormTrainingGrad,
      { dy: direction, x, scale, reserve1, reserve2, reserve3 },
      { epsilon },
    )
    const wanted = tf.grads(composed)([x, scale, offset], direction)
    expect(gradients).toHaveLength(3)
    gradients.forEach((gradient, i) => expectClose(gradient, wanted[i]!))
  })

  it('give the gradient of relu, 0 where the output is 0', () => {
    const x = tf.tensor2d([[-1, 0, 2], [3, -4, 5]])
    const dy = tf.tensor2d([[10, 20, 30], [40, 50, 60]])
    const dx = runKernel<tf.Tensor>(FusedKernel.reluGrad, { dy, y: tf.relu(x) })
    expect(Array.from(dx.dataSync())).toEqual([0, 0, 30, 40, 0, 60])
  })

  it('give the gradient of relu6, 0 where the output is 0 or 6', () => {
    const x = tf.tensor1d([-1, 0, 0.5, 5, 6, 7])
    const dx = runKernel<tf.Tensor>(FusedKernel.relu6Grad, { dy: tf.tensor1d([1, 2, 3, 4, 5, 6]), y: tf.relu6(x) })
    expect(Array.from(dx.dataSync())).toEqual([0, 0, 3, 4, 0, 0])
  })

  it('give the cross entropy of softmax and its gradient, also for large logits', () => {
    const logits = tf.tensor2d([[1, 2, 3], [500, -500, 0], [0, 0, 0]])
    const targets = tf.tensor2d([[0, 1, 0], [0, 0, 1], [0.5, 0.25, 0.25]])
    const backend = tf.backend() as NodeJSKernelBackend
    const dense = (inputs: tf.NamedTensorMap) => softmaxCrossEntropyConfig.kernelFunc(backend, inputs, {}) as tf.Tensor[]
    const sparse = (inputs: tf.NamedTensorMap) =>
      sparseSoftmaxCrossEntropyConfig.kernelFunc(backend, inputs, {}) as tf.Tensor[]
    const [entropy, gradient] = dense({ logits, targets })
    expectClose(entropy!, tf.neg(tf.sum(tf.mul(targets, tf.logSoftmax(logits)), 1)), 1e-6)
    expectClose(gradient!, tf.sub(tf.softmax(logits), targets), 1e-6)

    const labels = tf.tensor1d([1, 0, 2], 'int32')
    const own = tf.oneHot(labels, 3, 1, 0, 'float32')
    const wanted = dense({ logits, targets: own })
    sparse({ logits, labels }).forEach((output, i) => expectClose(output, wanted[i]!, 1e-6))
  })

  it.each([1, 1e4])('give distances between rows of length %d times a normal one', (length) => {
    const [rows, dim] = [30, 40]
    const x = tf.mul<tf.Tensor2D>(tf.randomNormal([rows, dim], 0, 1, 'float32', 9), length)
    const near = tf.mul<tf.Tensor2D>(x, 1 + 2 ** -15)
    const y = tf.concat([x, near], 0)
    const distances = runKernel<tf.Tensor2D>(FusedKernel.euclideanDistances, { x, y }).arraySync()
    const [from, to] = [x.arraySync(), y.arraySync()]
    from.forEach((a, i) => {
      expect(distances[i]![i]).toBe(0)
      to.forEach((b, j) => {
        const wanted = Math.hypot(...a.map((value, k) => value - b[k]!))
        expect(Math.abs(distances[i]![j]! - wanted)).toBeLessThanOrEqual(1e-5 * wanted)
      })
    })
  })

  it.each([0.3, 0.1, 0.05, 1e-3, 0])('give distances among rows that are some %d of their length apart', (share) => {
    const [centres, dim] = [20, 300]
    const centre = tf.randomNormal<tf.Rank.R3>([centres, 1, dim], 0, 1, 'float32', 3)
    const around = tf.mul(tf.randomNormal([centres, 3, dim], 0, 1, 'float32', 4), share)
    const x = tf.reshape<tf.Rank.R2>(tf.add(centre, around), [centres * 3, dim])
    const distances = runKernel<tf.Tensor2D>(FusedKernel.euclideanDistances, { x, y: x }, { diagonal: 0 }).arraySync()
    const rows = x.arraySync()
    const length = Math.hypot(...rows[0]!)
    rows.forEach((a, i) =>
      rows.forEach((b, j) => {
        const wanted = Math.hypot(...a.map((value, k) => value - b[k]!))
        expect(Math.abs(distances[i]![j]! - wanted)).toBeLessThanOrEqual(Math.min(2e-5 * length, 2e-4 * wanted))
      }),
    )
    const second = runKernel<tf.Tensor2D>(FusedKernel.euclideanDistances, { x: tf.slice(x, 7, 5), y: x }, { diagonal: 7 }).arraySync()
    second.forEach((row, i) => row.forEach((d, j) => expect(d).toBeCloseTo(distances[7 + i]![j]!, 4)))
  })

  it('show NaN in distances', () => {
    const x = tf.tensor2d([[1, NaN], [1, 2]])
    const distances = runKernel<tf.Tensor2D>(FusedKernel.euclideanDistances, { x, y: x }).arraySync()
    expect(distances).toEqual([[NaN, NaN], [NaN, 0]])
    const among = runKernel<tf.Tensor2D>(FusedKernel.euclideanDistances, { x, y: x }, { diagonal: 0 }).arraySync()
    expect(among).toEqual([[NaN, NaN], [NaN, 0]])
  })

  it('leak no tensor', () => {
    const x = input(0)
    const before = tf.memory().numTensors
    for (let i = 0; i < 100; i++) {
      const inputs = { x, scale, offset, runningMean, runningVariance }
      const momentum = i % 2 === 0 ? 0.1 : 1
      const outputs = runKernel<tf.Tensor[]>(FusedKernel.batchNormTraining, inputs, { epsilon, momentum })
      const [, , , reserve1, reserve2, reserve3] = outputs
      const saved = { dy: direction, x, scale, reserve1: reserve1!, reserve2: reserve2!, reserve3: reserve3! }
      tf.dispose(runKernel<tf.Tensor[]>(FusedKernel.batchNormTrainingGrad, saved, { epsilon }))
      tf.dispose(outputs)
      const rows = tf.reshape<tf.Rank.R2>(x, [4, -1])
      tf.dispose([rows, runKernel<tf.Tensor>(FusedKernel.euclideanDistances, { x: rows, y: rows })])
    }
    expect(tf.memory().numTensors).toBe(before)
  })
})
