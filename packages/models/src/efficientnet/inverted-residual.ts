import * as tf from '@tensorflow/tfjs-core'
import type { CallMode, Module, Parameters, Random } from '@metric-learning/contracts'
import { ConvNorm, type NormSettings } from '../layers/conv-norm.js'
import type { ConvPadding } from '../layers/conv2d.js'
import { relu6 } from '../ops/relu6.js'
import { joinParameters } from '../parameters/join-parameters.js'

export interface InvertedResidualOptions {
  readonly inputChannels: number
  readonly outputChannels: number
  readonly kernelSize: number
  readonly stride: number
  /** Channels within by those of the input; with 1 there is no convolution that makes them more. */
  readonly expansion: number
  readonly padding: ConvPadding
  readonly norm: NormSettings
  readonly random: Random
}

/**
 * A convolution 1×1 to more channels, one of each channel for itself, and one 1×1 to fewer, each with a batch norm, and relu6 behind the first
 * two; plus the input, where sizes are the same.
 *
 * - inputs: float32 [n, height, width, inputChannels]
 * - output: float32 [n, ⌈height / stride⌉, ⌈width / stride⌉, outputChannels]
 * - parameters and buffers: timm's: `conv_pw`, `bn1`, `conv_dw`, `bn2`, `conv_pwl`, `bn3`; without expansion `conv_dw`, `bn1`, `conv_pw`, `bn2`
 *
 * @see Sandler et al., MobileNetV2, arXiv:1801.04381, figure 3
 */
export class InvertedResidual implements Module {
  readonly name = 'InvertedResidual'
  readonly parameters: Parameters
  readonly buffers: Parameters
  readonly outputSize: number
  readonly #parts: readonly ConvNorm[]
  readonly #hasShortcut: boolean

  constructor({ inputChannels, outputChannels, kernelSize, stride, expansion, ...shared }: InvertedResidualOptions) {
    const within = inputChannels * expansion
    const one = { kernelSize: 1, stride: 1, ...shared }
    const depthwise = { inputChannels: within, outputChannels: within, kernelSize, stride, isDepthwise: true, ...shared }
    const parts = [
      ...(expansion > 1 ? [{ inputChannels, outputChannels: within, ...one }] : []),
      depthwise,
      { inputChannels: within, outputChannels, ...one },
    ]
    this.#parts = parts.map((part) => new ConvNorm(part))
    this.#hasShortcut = stride === 1 && inputChannels === outputChannels
    this.outputSize = outputChannels
    const names = expansion > 1 ? ['conv_pw', 'conv_dw', 'conv_pwl'] : ['conv_dw', 'conv_pw']
    const joined = (pick: (part: Module) => Parameters) => joinParameters(...this.#parts.map((part, i) => part.named(names[i]!, `bn${i + 1}`, pick)))
    this.parameters = joined(({ parameters }) => parameters)
    this.buffers = joined(({ buffers }) => buffers)
  }

  call(inputs: tf.Tensor, mode: CallMode): tf.Tensor4D {
    return tf.tidy(() => {
      const x = inputs as tf.Tensor4D
      const y = this.#parts.reduce((value, part, i) => part.call(i === 0 ? value : relu6(value), mode), x)
      return this.#hasShortcut ? tf.add<tf.Tensor4D>(y, x) : y
    })
  }

  dispose(): void {
    for (const part of this.#parts) part.dispose()
  }
}
