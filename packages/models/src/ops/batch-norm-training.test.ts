import * as tf from '@tensorflow/tfjs-core'
import { ShapeError } from '@metric-learning/contracts'
import { FusedKernel, type FusedKernelName } from '@metric-learning/ops'
import { afterEach, describe, expect, it } from 'vitest'
import { batchNormTraining } from './batch-norm-training.js'

const EPSILON = 1e-3
const MOMENTUM = 0.25
const x = tf.tensor4d([1, 5, 2, 9, 4, -3, 0, 2, -2, 7, 6, 1], [2, 3, 1, 2])
const scale = tf.tensor1d([2, -0.5])
const offset = tf.tensor1d([0.25, 1])
const direction = tf.tensor4d([1, -1, 0.5, 2, -2, 1, 0, 3, 1, 1, -1, 0.5], [2, 3, 1, 2])

const running = { mean: tf.tensor1d([4, -8]), variance: tf.tensor1d([2, 12]) }

interface Run {
  readonly y: number[]
  readonly mean: number[]
  readonly variance: number[]
  readonly gradients: number[][]
}

function run(momentum = MOMENTUM): Run {
  let statistics: [number[], number[]] = [[], []]
  const call = (a: tf.Tensor, b: tf.Tensor, c: tf.Tensor) =>
    batchNormTraining(
      a as tf.Tensor4D,
      b as tf.Tensor1D,
      c as tf.Tensor1D,
      running,
      { epsilon: EPSILON, momentum },
      ({ mean, variance }) => {
        statistics = [[...mean.dataSync()], [...variance.dataSync()]]
      },
    )
  const { value, grads } = tf.valueAndGrads(call)([x, scale, offset], direction)
  const [mean, variance] = statistics
  return { y: [...value.dataSync()], mean, variance, gradients: grads.map((gradient) => [...gradient.dataSync()]) }
}

const flat = ({ y, mean, variance, gradients }: Run) => [...y, ...mean, ...variance, ...gradients.flat()]

/** Runs without, resp. with stand-ins for, the fused kernels, and puts the backend back as it was. */
const restores: (() => void)[] = []
afterEach(() => {
  for (const restore of restores.splice(0).reverse()) restore()
})

function without(kernelName: FusedKernelName): void {
  const backendName = tf.getBackend()
  const registered = tf.getKernel(kernelName, backendName)
  if (!registered) return
  tf.unregisterKernel(kernelName, backendName)
  restores.push(() => {
    tf.registerKernel(registered)
  })
}

function standIn(kernelName: FusedKernelName, kernelFunc: tf.KernelFunc): void {
  const backendName = tf.getBackend()
  without(kernelName)
  tf.registerKernel({ kernelName, backendName, kernelFunc })
  restores.push(() => {
    tf.unregisterKernel(kernelName, backendName)
  })
}

const values = (tensor: tf.TensorInfo | undefined) => [...(tensor as tf.Tensor).dataSync()]

describe('batchNormTraining', () => {
  it('normalises by the batch and moves running statistics towards its mean and unbiased variance', () => {
    const { y, mean, variance } = run(1)
    // Channel 0 is 1, 2, 4, 0, -2, 6; channel 1 is 5, 9, -3, 2, 7, 1. Worked out by hand.
    expect(mean[0]).toBeCloseTo(11 / 6, 6)
    expect(mean[1]).toBeCloseTo(3.5, 6)
    expect(variance[0]).toBeCloseTo((61 - 121 / 6) / 5, 5)
    expect(variance[1]).toBeCloseTo((169 - 73.5) / 5, 5)
    const moved = run()
    expect(moved.mean[0]).toBeCloseTo(0.75 * 4 + 0.25 * (11 / 6), 5)
    expect(moved.variance[1]).toBeCloseTo(0.75 * 12 + 0.25 * (95.5 / 5), 4)
    expect(moved.y).toEqual(y)
    expect(run(0).mean).toEqual([4, -8])
    const deviation = Math.sqrt(95.5 / 6 + EPSILON)
    expect(y[1]).toBeCloseTo((-0.5 * (5 - 3.5)) / deviation + 1, 5)
  })

  it('has the gradient of its formula', () => {
    without(FusedKernel.batchNormTraining)
    const formula = (a: tf.Tensor, b: tf.Tensor, c: tf.Tensor) => {
      const { mean, variance } = tf.moments(a, [0, 1, 2])
      return tf.add(tf.mul(tf.div(tf.sub(a, mean), tf.sqrt(tf.add(variance, EPSILON))), b), c)
    }
    const wanted = tf.grads(formula)([x, scale, offset], direction).map((gradient) => [...gradient.dataSync()])
    run().gradients.forEach((gradient, i) => {
      gradient.forEach((value, j) => {
        expect(value).toBeCloseTo(wanted[i]![j]!, 4)
      })
    })
  })

  it('gives the same with the kernels of the backend, where it has them', () => {
    const momenta = [0, 0.1, 1]
    const asIs = momenta.map((momentum) => flat(run(momentum)))
    without(FusedKernel.batchNormTraining)
    momenta.forEach((momentum, m) => {
      flat(run(momentum)).forEach((value, i) => {
        expect(value).toBeCloseTo(asIs[m]![i]!, 4)
      })
    })
  })

  it('hands the fused kernels what their contract says, and takes what they give', () => {
    const seen: Record<string, unknown>[] = []
    standIn(FusedKernel.batchNormTraining, ({ inputs, attrs }) => {
      const named = Object.entries(inputs as tf.NamedTensorInfoMap).map(([name, tensor]) => [name, values(tensor)])
      seen.push({ ...Object.fromEntries(named), ...attrs })
      const reserves = [tf.tensor1d([1]), tf.tensor1d([2]), tf.tensor1d([3])]
      return [tf.fill([2, 3, 1, 2], 7), tf.tensor1d([8, 8]), tf.tensor1d([9, 9]), ...reserves]
    })
    standIn(FusedKernel.batchNormTrainingGrad, ({ inputs, attrs }) => {
      const { dy, reserve1, reserve2, reserve3 } = inputs
      const reserves = [reserve1, reserve2, reserve3].flatMap(values)
      seen.push({ dy: values(dy), x: values(inputs.x), scale: values(inputs.scale), reserves, ...attrs })
      return [tf.fill([2, 3, 1, 2], 1), tf.tensor1d([2, 2]), tf.tensor1d([3, 3])]
    })
    const { y, mean, variance, gradients } = run()
    const [xs, scales] = [values(x), values(scale)]
    expect(seen).toEqual([
      {
        x: xs,
        scale: scales,
        offset: values(offset),
        runningMean: [4, -8],
        runningVariance: [2, 12],
        epsilon: EPSILON,
        momentum: MOMENTUM,
      },
      { dy: values(direction), x: xs, scale: scales, reserves: [1, 2, 3], epsilon: EPSILON },
    ])
    expect([y[0], ...mean, ...variance]).toEqual([7, 8, 8, 9, 9])
    expect(gradients.slice(1)).toEqual([[2, 2], [3, 3]])
  })

  it('leaks nothing over 100 calls', () => {
    const before = tf.memory().numTensors
    for (let i = 0; i < 100; i++) {
      tf.tidy(() => {
        run()
      })
    }
    expect(tf.memory().numTensors).toBe(before)
  })

  it('rejects a single value per channel', () => {
    const settings = { epsilon: EPSILON, momentum: MOMENTUM }
    const single = () => batchNormTraining(tf.zeros([1, 1, 1, 2]), scale, offset, running, settings, () => undefined)
    expect(single).toThrow(ShapeError)
    expect(single).toThrow('wanted more than one value per channel in training, got [1, 1, 1, 2]')
  })
})
