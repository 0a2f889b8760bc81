import * as tf from '@tensorflow/tfjs-core'
import { describeValue, expectKnownOptions, expectNumber, OptionError, type CallMode, type Module, type Parameters } from '@metric-learning/contracts'
import { relu } from '@metric-learning/ops'
import { type InitializationOptions, randomOf } from './initialization/random-of.js'
import { Linear } from './layers/linear.js'
import { joinParameters } from './parameters/join-parameters.js'

export interface MLPOptions extends InitializationOptions {
  /** Values of a sample. */
  readonly inputSize: number
  /** Sizes of the layers that end in a relu. */
  readonly hiddenSizes: readonly number[]
  /** Size of a last layer without relu. Default: no such layer. */
  readonly outputSize?: number
}

/**
 * A multilayer perceptron: fully connected layers with a relu behind each, but not behind the output layer.
 *
 * - inputs: float32 [n, …], of `inputSize` values a sample; flattened here
 * - output: float32 [n, outputSize], or of the last hidden size where there is no output layer
 * - parameters: `layers.<i>.weight` and `layers.<i>.bias`, as in {@link Linear}
 *
 * @throws {OptionError} when an option is unknown, a size is not a positive integer, or there is no layer at all.
 * @throws {ShapeError} when a sample has other than `inputSize` values.
 */
export class MLP implements Module {
  readonly name = 'MLP'
  readonly parameters: Parameters
  readonly buffers: Parameters = new Map()
  readonly inputSize: number
  readonly outputSize: number
  readonly #layers: readonly Linear[]
  readonly #relus: number

  constructor(options: MLPOptions) {
    expectKnownOptions(this.name, options, ['inputSize', 'hiddenSizes', 'outputSize', 'random', 'seed'])
    const { inputSize, hiddenSizes, outputSize } = options
    expectNumber(this.name, 'inputSize', inputSize, { min: 1, integer: true })
    if (!Array.isArray(hiddenSizes)) throw new OptionError({ who: this.name, wanted: '`hiddenSizes` to be a list of sizes', got: describeValue(hiddenSizes), fix: 'Pass one such as [256], or [] for none.' })
    hiddenSizes.forEach((size, i) => {
      expectNumber(this.name, `hiddenSizes[${i}]`, size, { min: 1, integer: true })
    })
    if (outputSize !== undefined) expectNumber(this.name, 'outputSize', outputSize, { min: 1, integer: true })
    const sizes = outputSize === undefined ? [...hiddenSizes] : [...hiddenSizes, outputSize]
    expectNumber(this.name, 'number of layers', sizes.length, { min: 1, hint: 'Pass `hiddenSizes` or `outputSize`.' })
    const random = randomOf(this.name, options)
    this.#layers = sizes.map((size, i) => new Linear({ inputSize: sizes[i - 1] ?? inputSize, outputSize: size, random }))
    this.#relus = hiddenSizes.length
    this.inputSize = inputSize
    this.outputSize = sizes.at(-1)!
    this.parameters = joinParameters(
      Object.fromEntries(this.#layers.map(({ parameters }, i) => [`layers.${i}`, parameters])),
    )
  }

  call(inputs: tf.Tensor, _mode?: CallMode): tf.Tensor2D {
    return tf.tidy(() => {
      const samples = inputs.shape[0] ?? 0
      const flat = tf.reshape<tf.Rank.R2>(inputs, [samples, samples > 0 ? inputs.size / samples : 0])
      return this.#layers.reduce((x, layer, i) => {
        const y = layer.call(x)
        return i < this.#relus ? relu(y) : y
      }, flat)
    })
  }

  dispose(): void {
    for (const layer of this.#layers) layer.dispose()
  }
}
