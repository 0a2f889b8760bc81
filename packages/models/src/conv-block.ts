import * as tf from '@tensorflow/tfjs-core'
import type { CallMode, Module, Parameters, Random } from '@metric-learning/contracts'
import { relu } from '@metric-learning/ops'
import { BatchNorm2d } from './layers/batch-norm2d.js'
import { Conv2d } from './layers/conv2d.js'
import { joinParameters } from './parameters/join-parameters.js'

export interface ConvBlockOptions {
  readonly inputChannels: number
  readonly outputChannels: number
  readonly random: Random
}

/**
 * Convolution 3×3 → batch norm → relu → max pool 2×2. The pool runs before relu, which it may, since relu keeps the order of
 * values: the same results and gradients from a quarter of the work.
 *
 * - inputs: float32 [n, height, width, inputChannels]
 * - output: float32 [n, ⌊height / 2⌋, ⌊width / 2⌋, outputChannels]
 * - parameters and buffers: those of {@link Conv2d} under `conv.` and of {@link BatchNorm2d} under `norm.`
 */
export class ConvBlock implements Module {
  readonly name = 'ConvBlock'
  readonly parameters: Parameters
  readonly buffers: Parameters
  readonly outputSize: number
  readonly #conv: Conv2d
  readonly #norm: BatchNorm2d

  constructor({ inputChannels, outputChannels, random }: ConvBlockOptions) {
    this.#conv = new Conv2d({ inputChannels, outputChannels, random })
    this.#norm = new BatchNorm2d({ channels: outputChannels })
    this.outputSize = outputChannels
    this.parameters = joinParameters({ conv: this.#conv.parameters, norm: this.#norm.parameters })
    this.buffers = joinParameters({ norm: this.#norm.buffers })
  }

  call(inputs: tf.Tensor, mode: CallMode): tf.Tensor4D {
    return tf.tidy(() => relu(tf.maxPool(this.#norm.call(this.#conv.call(inputs), mode), 2, 2, 'valid')))
  }

  dispose(): void {
    this.#conv.dispose()
    this.#norm.dispose()
  }
}
