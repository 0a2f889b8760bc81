import * as tf from '@tensorflow/tfjs-core'
import type { CallMode, Module, Parameters, Random } from '@metric-learning/contracts'
import { relu } from '@metric-learning/ops'
import { joinParameters } from '../parameters/join-parameters.js'
import { ConvNorm, type NormSettings } from '../layers/conv-norm.js'

/** `'basic'`: two convolutions 3×3. `'bottleneck'`: 1×1, 3×3, then 1×1 to four times the channels. */
export type ResidualBlockKind = 'basic' | 'bottleneck'

interface Layout {
  /** Kernel size of each convolution. */
  readonly kernels: readonly number[]
  /** Which of them has the stride, by version. */
  readonly strided: Readonly<Record<ResNetVersion, number>>
  /** Channels of the output by those within. */
  readonly expansion: number
}

const LAYOUTS: Readonly<Record<ResidualBlockKind, Layout>> = {
  basic: { kernels: [3, 3], strided: { 1: 0, 1.5: 0 }, expansion: 1 },
  bottleneck: { kernels: [1, 3, 1], strided: { 1: 0, 1.5: 1 }, expansion: 4 },
}

/** Where a bottleneck has its stride: in the first 1×1, as in the paper (1), or in the 3×3, as in torchvision (1.5). */
export type ResNetVersion = 1 | 1.5

export interface ResidualBlockOptions {
  readonly kind: ResidualBlockKind
  readonly inputChannels: number
  /** Channels within the block. */
  readonly channels: number
  readonly stride: number
  readonly random: Random
  readonly version: ResNetVersion
  readonly norm: NormSettings
}

/**
 * relu(F(x) + shortcut(x)), where F is convolutions with a batch norm behind each and relus between. The shortcut is
 * x itself or, where sizes differ, a convolution 1×1 with the block's stride and a batch norm.
 *
 * - inputs: float32 [n, height, width, inputChannels]
 * - output: float32 [n, ⌈height / stride⌉, ⌈width / stride⌉, channels · expansion], expansion 1 or, for a bottleneck, 4
 * - parameters and buffers: those of `conv1`, `bn1`, `conv2`, `bn2`, … and of `downsample.0`, `downsample.1`
 *
 * @see He et al., Deep Residual Learning, arXiv:1512.03385, figure 5
 */
export class ResidualBlock implements Module {
  readonly name = 'ResidualBlock'
  readonly parameters: Parameters
  readonly buffers: Parameters
  readonly outputSize: number
  readonly #residual: readonly ConvNorm[]
  readonly #shortcut: ConvNorm | undefined

  constructor({ kind, inputChannels, channels, stride, random, version, norm }: ResidualBlockOptions) {
    const { kernels, strided, expansion } = LAYOUTS[kind]
    this.outputSize = channels * expansion
    this.#residual = kernels.map(
      (kernelSize, i) =>
        new ConvNorm({
          inputChannels: i === 0 ? inputChannels : channels,
          outputChannels: i === kernels.length - 1 ? this.outputSize : channels,
          kernelSize,
          stride: i === strided[version] ? stride : 1,
          random,
          norm,
        }),
    )
    if (stride > 1 || inputChannels !== this.outputSize) {
      this.#shortcut = new ConvNorm({ inputChannels, outputChannels: this.outputSize, kernelSize: 1, stride, random, norm })
    }
    const parts = (pick: (part: Module) => Parameters) => {
      const residual = this.#residual.map((pair, i) => pair.named(`conv${i + 1}`, `bn${i + 1}`, pick))
      const shortcut = this.#shortcut?.named('downsample.0', 'downsample.1', pick) ?? {}
      return joinParameters(...residual, shortcut)
    }
    this.parameters = parts(({ parameters }) => parameters)
    this.buffers = parts(({ buffers }) => buffers)
  }

  call(inputs: tf.Tensor, mode: CallMode): tf.Tensor4D {
    return tf.tidy(() => {
      const x = inputs as tf.Tensor4D
      const residual = this.#residual.reduce((y, pair, i) => pair.call(i === 0 ? y : relu(y), mode), x)
      return relu(tf.add<tf.Tensor4D>(residual, this.#shortcut?.call(x, mode) ?? x))
    })
  }

  dispose(): void {
    for (const pair of this.#residual) pair.dispose()
    this.#shortcut?.dispose()
  }
}
