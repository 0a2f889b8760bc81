import * as tf from '@tensorflow/tfjs-core'
import { expectShape, type CallMode, type Module, type Parameters, type Random } from '@metric-learning/contracts'
import { fanOutNormal } from '../initialization/fan-out-normal.js'
import { padImages } from '../ops/pad-images.js'
import type { ConvPadding } from './conv2d.js'

export interface DepthwiseConv2dOptions {
  readonly channels: number
  /** Height and width of the kernel, in pixels; odd. */
  readonly kernelSize: number
  /** Pixels from one output to the next. */
  readonly stride: number
  readonly padding: ConvPadding
  readonly random: Random
}

/**
 * Convolution of each channel for itself, padded as {@link Conv2d} is, without bias. Weights are drawn from N(0, 2 / kernelSize²).
 *
 * - inputs: float32 [n, height, width, channels]
 * - output: float32 [n, ⌈height / stride⌉, ⌈width / stride⌉, channels]
 * - parameters: `weight` float32 [kernelSize, kernelSize, 1, channels], in PyTorch's layout [channels, 1, kernelSize, kernelSize]
 *
 * @throws {ShapeError} when the inputs have other channels.
 */
export class DepthwiseConv2d implements Module {
  readonly name = 'DepthwiseConv2d'
  readonly parameters: Parameters
  readonly buffers: Parameters = new Map()
  readonly outputSize: number
  readonly #weight: tf.Variable<tf.Rank.R4>
  readonly #options: DepthwiseConv2dOptions

  constructor(options: DepthwiseConv2dOptions) {
    const { channels, kernelSize, random } = options
    this.#options = options
    this.outputSize = channels
    this.#weight = fanOutNormal<tf.Rank.R4>([kernelSize, kernelSize, 1, channels], kernelSize ** 2, random)
    this.parameters = new Map([['weight', this.#weight as tf.Variable]])
  }

  call(inputs: tf.Tensor, _mode?: CallMode): tf.Tensor4D {
    const { channels, kernelSize, stride, padding } = this.#options
    expectShape(this.name, 'inputs', inputs, ['batch', 'height', 'width', channels])
    return tf.tidy(() => {
      const weight = tf.reshape<tf.Rank.R4>(this.#weight, [kernelSize, kernelSize, channels, 1])
      const x = inputs as tf.Tensor4D
      if (stride === 1 || padding === 'same') return tf.depthwiseConv2d(x, weight, stride, 'same')
      return tf.depthwiseConv2d(padImages(x, (kernelSize - 1) / 2, 0), weight, stride, 'valid')
    })
  }

  dispose(): void {
    this.#weight.dispose()
  }
}
