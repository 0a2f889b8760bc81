import * as tf from '@tensorflow/tfjs-core'
import {
  expectFixedNumber,
  expectKnownOptions,
  expectNumber,
  expectShape,
  type CallMode,
  type Module,
  type Parameters,
} from '@metric-learning/contracts'
import { expectBackend } from '@metric-learning/ops'
import { batchNormTraining } from '../ops/batch-norm-training.js'

export interface BatchNorm2dOptions {
  readonly channels: number
  /** How far the running statistics move towards the batch's in one step. Default 0.1. */
  readonly momentum?: number
  /** ε, added to the variance. Default 1e-5. */
  readonly epsilon?: number
}

/**
 * Batch normalisation of every channel.
 *
 *     y = weight · (x - mean) / √(var + ε) + bias
 *
 * In training, mean and var are the batch's (var ÷ N), and the running ones move:
 * running ← (1 - momentum) · running + momentum · batch's, with the unbiased variance (÷ N - 1), as in PyTorch.
 * Otherwise mean and var are the running ones.
 *
 * - inputs and output: float32 [n, height, width, channels]
 * - parameters: `weight` (ones at first) and `bias` (zeros), float32 [channels]
 * - buffers: `running_mean` (zeros) and `running_var` (ones), float32 [channels]
 *
 * @throws {OptionError} when an option is unknown or out of range.
 * @throws {ShapeError} when the inputs have other channels, or training sees one value per channel only.
 * @see Ioffe and Szegedy, Batch Normalization, arXiv:1502.03167
 */
export class BatchNorm2d implements Module {
  readonly name = 'BatchNorm2d'
  readonly parameters: Parameters
  readonly buffers: Parameters
  readonly outputSize: number
  readonly #momentum: number
  readonly #epsilon: number
  readonly #weight: tf.Variable<tf.Rank.R1>
  readonly #bias: tf.Variable<tf.Rank.R1>
  readonly #runningMean: tf.Variable<tf.Rank.R1>
  readonly #runningVar: tf.Variable<tf.Rank.R1>

  constructor(options: BatchNorm2dOptions) {
    expectKnownOptions(this.name, options, ['channels', 'momentum', 'epsilon'])
    const { channels, momentum = 0.1, epsilon = 1e-5 } = options
    expectNumber(this.name, 'channels', channels, { min: 1, integer: true })
    expectFixedNumber(this.name, 'momentum', momentum, { min: 0, max: 1 })
    expectFixedNumber(this.name, 'epsilon', epsilon, { min: 0, exclusiveMin: true })
    expectBackend(this.name)
    const constant = (value: number, trainable: boolean) =>
      tf.tidy(() => tf.variable<tf.Rank.R1>(tf.fill([channels], value), trainable))
    this.outputSize = channels
    this.#momentum = momentum
    this.#epsilon = epsilon
    this.#weight = constant(1, true)
    this.#bias = constant(0, true)
    this.#runningMean = constant(0, false)
    this.#runningVar = constant(1, false)
    this.parameters = new Map([['weight', this.#weight as tf.Variable], ['bias', this.#bias as tf.Variable]])
    this.buffers = new Map([
      ['running_mean', this.#runningMean as tf.Variable],
      ['running_var', this.#runningVar as tf.Variable],
    ])
  }

  call(inputs: tf.Tensor, { training }: CallMode): tf.Tensor4D {
    expectShape(this.name, 'inputs', inputs, ['batch', 'height', 'width', this.outputSize])
    const x = inputs as tf.Tensor4D
    if (!training) {
      const statistics = [this.#runningMean, this.#runningVar] as const
      return tf.batchNorm<tf.Rank.R4>(x, ...statistics, this.#bias, this.#weight, this.#epsilon)
    }
    const running = { mean: this.#runningMean, variance: this.#runningVar }
    const settings = { epsilon: this.#epsilon, momentum: this.#momentum }
    return batchNormTraining(x, this.#weight, this.#bias, running, settings, ({ mean, variance }) => {
      this.#runningMean.assign(mean)
      this.#runningVar.assign(variance)
    })
  }

  dispose(): void {
    for (const variable of [...this.parameters.values(), ...this.buffers.values()]) variable.dispose()
  }
}
