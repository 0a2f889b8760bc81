import * as tf from '@tensorflow/tfjs-core'
import { expectKnownOptions, expectNumber, expectShape, type CallMode, type Module, type Parameters } from '@metric-learning/contracts'
import { expectBackend } from '@metric-learning/ops'
import { fanInUniform } from '../initialization/fan-in-uniform.js'
import { type InitializationOptions, randomOf } from '../initialization/random-of.js'

export interface LinearOptions extends InitializationOptions {
  readonly inputSize: number
  readonly outputSize: number
}

/**
 * A fully connected layer: y = x · weight + bias.
 *
 * - inputs: float32 [n, inputSize]
 * - output: float32 [n, outputSize]
 * - parameters: `weight` float32 [inputSize, outputSize] and `bias` float32 [outputSize], drawn from
 *   U(-b, b) with b = 1/√inputSize, as in PyTorch
 *
 * @throws {OptionError} when an option is unknown or not a positive integer.
 * @throws {ShapeError} when the inputs are not [n, inputSize].
 */
export class Linear implements Module {
  readonly name = 'Linear'
  readonly parameters: Parameters
  readonly buffers: Parameters = new Map()
  readonly outputSize: number
  readonly #inputSize: number
  readonly #weight: tf.Variable<tf.Rank.R2>
  readonly #bias: tf.Variable<tf.Rank.R1>

  constructor(options: LinearOptions) {
    expectKnownOptions(this.name, options, ['inputSize', 'outputSize', 'random', 'seed'])
    const { inputSize, outputSize } = options
    expectNumber(this.name, 'inputSize', inputSize, { min: 1, integer: true })
    expectNumber(this.name, 'outputSize', outputSize, { min: 1, integer: true })
    expectBackend(this.name)
    const random = randomOf(this.name, options)
    this.#weight = fanInUniform<tf.Rank.R2>([inputSize, outputSize], inputSize, random)
    this.#bias = fanInUniform<tf.Rank.R1>([outputSize], inputSize, random)
    this.#inputSize = inputSize
    this.outputSize = outputSize
    this.parameters = new Map<string, tf.Variable>([
      ['weight', this.#weight as tf.Variable],
      ['bias', this.#bias as tf.Variable],
    ])
  }

  call(inputs: tf.Tensor, _mode?: CallMode): tf.Tensor2D {
    expectShape(this.name, 'inputs', inputs, ['batch', this.#inputSize])
    return tf.tidy(() => tf.add(tf.matMul(inputs as tf.Tensor2D, this.#weight), this.#bias))
  }

  dispose(): void {
    this.#weight.dispose()
    this.#bias.dispose()
  }
}
