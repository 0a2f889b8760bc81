import * as tf from '@tensorflow/tfjs-core'
import { ShapeError } from '@metric-learning/contracts'
import { FusedKernel, hasFusedKernel } from '@metric-learning/ops'

/** What a batch norm remembers of batches, float32 [channels] each. */
export interface RunningStatistics {
  readonly mean: tf.Tensor1D
  /** Unbiased: divided by N - 1. */
  readonly variance: tf.Tensor1D
}

/** How a batch norm counts. */
export interface BatchNormSettings {
  /** ε, added to the variance. */
  readonly epsilon: number
  /** How far the running statistics move towards the batch's, from 0 to 1. */
  readonly momentum: number
}

/** Takes the running statistics after the move; the tensors live only during the call. */
export type StatisticsSink = (moved: RunningStatistics) => void

interface Forward {
  readonly y: tf.Tensor4D
  readonly moved: RunningStatistics
  /** What the backward pass wants to have. */
  readonly saved: readonly tf.Tensor[]
}

interface Inputs {
  readonly x: tf.Tensor4D
  readonly scale: tf.Tensor1D
  readonly offset: tf.Tensor1D
}

/** One way of computing it. */
interface Implementation {
  forward(inputs: Inputs, running: RunningStatistics, settings: BatchNormSettings): Forward
  /** Gradients of x, scale and offset. */
  backward(dy: tf.Tensor4D, saved: readonly tf.Tensor[], epsilon: number): tf.Tensor[]
}

/**
 * Batch normalisation with the statistics of the batch itself.
 *
 *     y = scale · (x - mean) / √(var + ε) + offset      mean, var over all axes but the last, var ÷ N
 *     running ← running + momentum · (batch's - running)      with the unbiased variance, ÷ N - 1
 *
 * One kernel each way where the backend has {@link FusedKernel.batchNormTraining}; otherwise composed, with the
 * gradient in closed form, to the same values.
 *
 * @param x float32 [n, height, width, channels]
 * @param scale float32 [channels]
 * @param offset float32 [channels]
 * @param running statistics of the batches before, without gradient
 * @param onMoved is told what they have become, before the call returns; nothing is assigned here
 * @returns float32 of the shape of x
 * @throws {ShapeError} when N = n · height · width is 1: the variance of one value says nothing.
 * @see Ioffe and Szegedy, Batch Normalization, arXiv:1502.03167, algorithm 1 and section 3
 */
export function batchNormTraining(
  x: tf.Tensor4D,
  scale: tf.Tensor1D,
  offset: tf.Tensor1D,
  running: RunningStatistics,
  settings: BatchNormSettings,
  onMoved: StatisticsSink,
): tf.Tensor4D {
  expectSeveralValues(x)
  const { forward, backward } = hasFusedKernel(FusedKernel.batchNormTraining) ? fused : composed
  return tf.customGrad<tf.Tensor4D>((...inputs) => {
    const [xIn, scaleIn, offsetIn, save] = inputs as [tf.Tensor4D, tf.Tensor1D, tf.Tensor1D, tf.GradSaveFunc]
    const { y, moved, saved } = forward({ x: xIn, scale: scaleIn, offset: offsetIn }, running, settings)
    save([...saved])
    onMoved(moved)
    return { value: y, gradFunc: (dy, kept) => backward(dy, kept, settings.epsilon) }
  })(x, scale, offset)
}

const fused: Implementation = {
  forward({ x, scale, offset }, running, { epsilon, momentum }) {
    const inputs = { x, scale, offset, runningMean: running.mean, runningVariance: running.variance }
    const outputs = tf.engine().runKernel<tf.Tensor[]>(FusedKernel.batchNormTraining, inputs, { epsilon, momentum })
    const [y, mean, variance, ...reserves] = outputs as [tf.Tensor4D, tf.Tensor1D, tf.Tensor1D, ...tf.Tensor[]]
    return { y, moved: { mean, variance }, saved: [x, scale, ...reserves] }
  },
  backward(dy, saved, epsilon) {
    const [x, scale, reserve1, reserve2, reserve3] = saved
    const inputs = { dy, x: x!, scale: scale!, reserve1: reserve1!, reserve2: reserve2!, reserve3: reserve3! }
    return tf.engine().runKernel<tf.Tensor[]>(FusedKernel.batchNormTrainingGrad, inputs, { epsilon })
  },
}

const AXES = [0, 1, 2]

const composed: Implementation = {
  forward({ x, scale, offset }, running, { epsilon, momentum }) {
    const values = x.size / scale.size
    const mean = tf.mean<tf.Tensor1D>(x, AXES)
    const centred = tf.sub(x, mean)
    const biased = tf.mean<tf.Tensor1D>(tf.square(centred), AXES)
    const inverse = tf.rsqrt(tf.add<tf.Tensor1D>(biased, epsilon))
    const normalized = tf.mul<tf.Tensor4D>(centred, inverse)
    const y = tf.add<tf.Tensor4D>(tf.mul(normalized, scale), offset)
    const variance = tf.mul<tf.Tensor1D>(biased, values / (values - 1))
    const move = (from: tf.Tensor1D, to: tf.Tensor1D): tf.Tensor1D => tf.add(from, tf.mul(tf.sub(to, from), momentum))
    const moved = { mean: move(running.mean, mean), variance: move(running.variance, variance) }
    return { y, moved, saved: [normalized, tf.mul(scale, inverse)] }
  },
  /** dx = (scale / σ) · (dy - mean(dy) - x̂ · mean(dy · x̂)) */
  backward(dy, saved) {
    const [normalized, gain] = saved as [tf.Tensor4D, tf.Tensor1D]
    const values = dy.size / gain.size
    const dOffset = tf.sum(dy, AXES)
    const dScale = tf.sum(tf.mul(dy, normalized), AXES)
    const carried = tf.add(tf.div(dOffset, values), tf.mul(normalized, tf.div(dScale, values)))
    return [tf.mul(gain, tf.sub(dy, carried)), dScale, dOffset]
  },
}

function expectSeveralValues(x: tf.Tensor4D): void {
  if (x.size / x.shape[3] > 1) return
  throw new ShapeError({
    who: 'BatchNorm2d',
    wanted: 'more than one value per channel in training',
    got: `[${x.shape.join(', ')}]`,
    fix: 'Use a larger batch, or call with `{ training: false }`.',
  })
}
