import * as tf from '@tensorflow/tfjs-core'
import { expectKnownOptions, expectNumber, expectShape, type Module, type Parameters } from '@metric-learning/core'
import { fanInUniform } from '../initialization/fan-in-uniform.js'
import { type InitializationOptions, randomOf } from '../initialization/random-of.js'

export interface Conv2dOptions extends InitializationOptions {
  readonly inputChannels: number
  readonly outputChannels: number
  /** Height and width of the kernel, in pixels. Default 3. */
  readonly kernelSize?: number
}

/**
 * Convolution with stride 1, zero padding that keeps height and width, and no bias, which the batch norm behind it
 * would take away again.
 *
 * - inputs: float32 [n, height, width, inputChannels]
 * - output: float32 [n, height, width, outputChannels]
 * - parameters: `weight` float32 [kernelSize, kernelSize, inputChannels, outputChannels], drawn from
 *   U(-b, b) with b = 1/√(kernelSize² · inputChannels), as in PyTorch
 *
 * @throws {OptionError} when an option is unknown or not a positive integer.
 * @throws {ShapeError} when the inputs have other channels.
 */
export class Conv2d implements Module {
  readonly name = 'Conv2d'
  readonly parameters: Parameters
  readonly buffers: Parameters = new Map()
  readonly outputSize: number
  readonly #inputChannels: number
  readonly #weight: tf.Variable<tf.Rank.R4>

  constructor(options: Conv2dOptions) {
    expectKnownOptions(this.name, options, ['inputChannels', 'outputChannels', 'kernelSize', 'random', 'seed'])
    const { inputChannels, outputChannels, kernelSize = 3 } = options
    for (const [option, value] of Object.entries({ inputChannels, outputChannels, kernelSize })) {
      expectNumber(this.name, option, value, { min: 1, integer: true })
    }
    const shape: [number, number, number, number] = [kernelSize, kernelSize, inputChannels, outputChannels]
    this.#weight = fanInUniform<tf.Rank.R4>(shape, kernelSize ** 2 * inputChannels, randomOf(this.name, options))
    this.#inputChannels = inputChannels
    this.outputSize = outputChannels
    this.parameters = new Map([['weight', this.#weight as tf.Variable]])
  }

  call(inputs: tf.Tensor): tf.Tensor4D {
    expectShape(this.name, 'inputs', inputs, ['batch', 'height', 'width', this.#inputChannels])
    return tf.conv2d(inputs as tf.Tensor4D, this.#weight, 1, 'same')
  }

  dispose(): void {
    this.#weight.dispose()
  }
}
