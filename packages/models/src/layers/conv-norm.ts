import type * as tf from '@tensorflow/tfjs-core'
import type { CallMode, Module, Parameters, Random } from '@metric-learning/contracts'
import { BatchNorm2d, type BatchNorm2dOptions } from './batch-norm2d.js'
import { Conv2d, type ConvPadding } from './conv2d.js'
import { DepthwiseConv2d } from './depthwise-conv2d.js'

/** What batch norms of a network have in common. */
export type NormSettings = Required<Pick<BatchNorm2dOptions, 'epsilon' | 'momentum'>>

export interface ConvNormOptions {
  readonly inputChannels: number
  readonly outputChannels: number
  readonly kernelSize: number
  readonly stride: number
  readonly random: Random
  readonly norm: NormSettings
  /** Default `'symmetric'`. */
  readonly padding?: ConvPadding
  /** Whether each channel is for itself; input and output have as many. Default false. */
  readonly isDepthwise?: boolean
}

/** A convolution and the batch norm behind it, which in published networks have names of their own. */
export class ConvNorm {
  readonly #conv: Conv2d | DepthwiseConv2d
  readonly #norm: BatchNorm2d

  constructor({ norm, isDepthwise, ...options }: ConvNormOptions) {
    const { inputChannels, outputChannels, padding = 'symmetric' } = options
    this.#conv = isDepthwise ? new DepthwiseConv2d({ ...options, channels: inputChannels, padding }) : new Conv2d({ ...options, padding, initialization: 'fan-out' })
    this.#norm = new BatchNorm2d({ channels: outputChannels, ...norm })
  }

  /** What `pick` takes of each, by the names that they have where they are used. */
  named(conv: string, norm: string, pick: (part: Module) => Parameters): Record<string, Parameters> {
    return { [conv]: pick(this.#conv), [norm]: pick(this.#norm) }
  }

  call(x: tf.Tensor4D, mode: CallMode): tf.Tensor4D {
    return this.#norm.call(this.#conv.call(x), mode)
  }

  dispose(): void {
    this.#conv.dispose()
    this.#norm.dispose()
  }
}
