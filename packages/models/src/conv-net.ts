import * as tf from '@tensorflow/tfjs-core'
import {
  expectKnownOptions,
  expectNumber,
  expectShape,
  ShapeError,
  type CallMode,
  type Module,
  type Parameters,
} from '@metric-learning/contracts'
import { ConvBlock } from './conv-block.js'
import { type InitializationOptions, randomOf } from './initialization/random-of.js'
import { globalAveragePool } from './layers/global-average-pool.js'
import { joinParameters } from './parameters/join-parameters.js'

export interface ConvNetOptions extends InitializationOptions {
  /** 1 for grey images, 3 for colour. Default 1. */
  readonly inputChannels?: number
  /** W, the channels of the first block; 2W, 4W, 4W, … follow. Default 32. */
  readonly width?: number
  /** Default 4. Each halves height and width, so that images want 2^blocks pixels a side or more. */
  readonly blocks?: number
}

/**
 * ConvNet-4, the small trunk of few-shot and metric learning: blocks of convolution 3×3, batch norm, relu and
 * max pool, with W, 2W, 4W, 4W, … channels, then the mean over height and width.
 *
 * - inputs: float32 [n, height, width, inputChannels]
 * - output: float32 [n, outputSize], outputSize = W · min(2^(blocks - 1), 4)
 * - parameters: `blocks.<i>.conv.weight`, `blocks.<i>.norm.weight`, `blocks.<i>.norm.bias`
 * - buffers: `blocks.<i>.norm.running_mean`, `blocks.<i>.norm.running_var`
 *
 * Initial weights are PyTorch's: see {@link Conv2d} and {@link BatchNorm2d}.
 *
 * @throws {OptionError} when an option is unknown or not a positive integer.
 * @throws {ShapeError} when the inputs have other channels or are too small.
 * @see Vinyals et al., Matching Networks, arXiv:1606.04080, section 4.1, for the four blocks
 */
export class ConvNet implements Module {
  readonly name = 'ConvNet'
  readonly parameters: Parameters
  readonly buffers: Parameters
  readonly outputSize: number
  readonly inputSize: number
  readonly #blocks: readonly ConvBlock[]

  constructor(options: ConvNetOptions = {}) {
    expectKnownOptions(this.name, options, ['inputChannels', 'width', 'blocks', 'random', 'seed'])
    const { inputChannels = 1, width = 32, blocks = 4 } = options
    for (const [option, value] of Object.entries({ inputChannels, width, blocks })) {
      expectNumber(this.name, option, value, { min: 1, integer: true })
    }
    const random = randomOf(this.name, options)
    const channels = (block: number) => (block < 0 ? inputChannels : width * Math.min(2 ** block, 4))
    this.inputSize = inputChannels
    this.#blocks = Array.from(
      { length: blocks },
      (_, i) => new ConvBlock({ inputChannels: channels(i - 1), outputChannels: channels(i), random }),
    )
    this.outputSize = channels(blocks - 1)
    this.parameters = joinParameters(this.#named(({ parameters }) => parameters))
    this.buffers = joinParameters(this.#named(({ buffers }) => buffers))
  }

  call(inputs: tf.Tensor, mode: CallMode): tf.Tensor2D {
    this.#expectImages(inputs)
    return tf.tidy(() => {
      const maps = this.#blocks.reduce((x, block) => block.call(x, mode), inputs)
      return globalAveragePool(maps as tf.Tensor4D)
    })
  }

  dispose(): void {
    for (const block of this.#blocks) block.dispose()
  }

  #named(pick: (block: ConvBlock) => Parameters): Record<string, Parameters> {
    return Object.fromEntries(this.#blocks.map((block, i) => [`blocks.${i}`, pick(block)]))
  }

  #expectImages(inputs: tf.Tensor): void {
    expectShape(this.name, 'inputs', inputs, ['batch', 'height', 'width', this.inputSize])
    const side = 2 ** this.#blocks.length
    if (Math.min(inputs.shape[1]!, inputs.shape[2]!) >= side) return
    throw new ShapeError({
      who: this.name,
      wanted: `images of at least ${side}×${side} pixels for ${this.#blocks.length} blocks`,
      got: `[${inputs.shape.join(', ')}]`,
      fix: 'Use larger images, or fewer `blocks`.',
    })
  }
}
