import * as tf from '@tensorflow/tfjs-core'
import {
  expectKnownOptions,
  expectNumber,
  expectOneOf,
  expectShape,
  OptionError,
  type CallMode,
  type Module,
  type Parameters,
} from '@metric-learning/contracts'
import { expectBackend } from '@metric-learning/ops'
import { fanInUniform } from '../initialization/fan-in-uniform.js'
import { fanOutNormal } from '../initialization/fan-out-normal.js'
import { type InitializationOptions, randomOf } from '../initialization/random-of.js'
import { padImages } from '../ops/pad-images.js'

export interface Conv2dOptions extends InitializationOptions {
  readonly inputChannels: number
  readonly outputChannels: number
  /** Height and width of the kernel, in pixels. Default 3. */
  readonly kernelSize?: number
  /** Pixels from one output to the next. Default 1; above 1, the kernel size must be odd. */
  readonly stride?: number
  /**
   * How weights are drawn: `'fan-in'`, PyTorch's default, from U(-b, b) with b = 1/√(kernelSize² · inputChannels);
   * `'fan-out'`, that of residual networks, from N(0, 2 / (kernelSize² · outputChannels)). Default `'fan-in'`.
   */
  readonly initialization?: 'fan-in' | 'fan-out'
  /**
   * With a stride: `'symmetric'`, PyTorch's `padding=kernel_size // 2`, or `'same'`, TensorFlow's, which pads even sizes at the bottom and
   * the right only, and so looks at other pixels. Default `'symmetric'`.
   */
  readonly padding?: ConvPadding
}

/** How a convolution with a stride pads. */
export type ConvPadding = 'symmetric' | 'same'

/**
 * Convolution with zero padding, so that only the stride makes height and width smaller, and no bias, which the
 * batch norm behind it would take away again.
 *
 * - inputs: float32 [n, height, width, inputChannels]
 * - output: float32 [n, ⌈height / stride⌉, ⌈width / stride⌉, outputChannels]
 * - parameters: `weight` float32 [kernelSize, kernelSize, inputChannels, outputChannels]
 *
 * @throws {OptionError} when an option is unknown or out of range.
 * @throws {ShapeError} when the inputs have other channels.
 */
export class Conv2d implements Module {
  readonly name = 'Conv2d'
  readonly parameters: Parameters
  readonly buffers: Parameters = new Map()
  readonly outputSize: number
  readonly #inputChannels: number
  readonly #kernelSize: number
  readonly #stride: number
  readonly #padding: ConvPadding
  readonly #weight: tf.Variable<tf.Rank.R4>

  constructor(options: Conv2dOptions) {
    expectKnownOptions(this.name, options, OPTIONS)
    const { inputChannels, outputChannels, kernelSize = 3, stride = 1, initialization = 'fan-in', padding = 'symmetric' } = options
    for (const [option, value] of Object.entries({ inputChannels, outputChannels, kernelSize, stride })) {
      expectNumber(this.name, option, value, { min: 1, integer: true })
    }
    expectOneOf(this.name, 'padding', padding, ['symmetric', 'same'])
    if (stride > 1) expectOdd(this.name, kernelSize)
    expectBackend(this.name)
    this.#weight = draw(this.name, initialization, [kernelSize, kernelSize, inputChannels, outputChannels], options)
    this.#kernelSize = kernelSize
    this.#stride = stride
    this.#padding = padding
    this.#inputChannels = inputChannels
    this.outputSize = outputChannels
    this.parameters = new Map([['weight', this.#weight as tf.Variable]])
  }

  call(inputs: tf.Tensor, _mode?: CallMode): tf.Tensor4D {
    expectShape(this.name, 'inputs', inputs, ['batch', 'height', 'width', this.#inputChannels])
    if (this.#stride === 1 || this.#padding === 'same') return tf.conv2d(inputs as tf.Tensor4D, this.#weight, this.#stride, 'same')
    const margin = (this.#kernelSize - 1) / 2
    return tf.tidy(() => tf.conv2d(padImages(inputs as tf.Tensor4D, margin, 0), this.#weight, this.#stride, 'valid'))
  }

  dispose(): void {
    this.#weight.dispose()
  }
}

const OPTIONS = ['inputChannels', 'outputChannels', 'kernelSize', 'stride', 'initialization', 'padding', 'random', 'seed']

function draw(
  who: string,
  initialization: string,
  shape: [number, number, number, number],
  options: InitializationOptions,
): tf.Variable<tf.Rank.R4> {
  const [height, width, inputChannels, outputChannels] = shape
  expectOneOf(who, 'initialization', initialization, ['fan-in', 'fan-out'])
  const random = randomOf(who, options)
  if (initialization === 'fan-in') return fanInUniform<tf.Rank.R4>(shape, height * width * inputChannels, random)
  return fanOutNormal<tf.Rank.R4>(shape, height * width * outputChannels, random)
}

function expectOdd(who: string, kernelSize: number): void {
  if (kernelSize % 2 === 1) return
  throw new OptionError({
    who,
    wanted: 'an odd `kernelSize` with a `stride` above 1',
    got: String(kernelSize),
    fix: 'Use 1, 3, 5 or 7: an even kernel has no middle to pad around.',
  })
}
