import * as tf from '@tensorflow/tfjs-core'
import { expectFixedNumber, expectKnownOptions, expectNumber, expectOneOf, expectShape, type CallMode, type Module, type Parameters } from '@metric-learning/contracts'
import { type InitializationOptions, randomOf } from '../initialization/random-of.js'
import { ConvNorm } from '../layers/conv-norm.js'
import type { ConvPadding } from '../layers/conv2d.js'
import { globalAveragePool } from '../layers/global-average-pool.js'
import { relu6 } from '../ops/relu6.js'
import { joinParameters } from '../parameters/join-parameters.js'
import { InvertedResidual } from './inverted-residual.js'

export interface EfficientNetLite0Options extends InitializationOptions {
  /** 1 for grey images, 3 for colour. Default 3. */
  readonly inputChannels?: number
  /** How convolutions with a stride pad: `'same'`, as TensorFlow and what was published for it, or `'symmetric'`, as timm's own `efficientnet_lite0`. Default `'same'`. */
  readonly padding?: ConvPadding
  /** ε of batch norms: 1e-3 as published, 1e-5 in timm's own. Default 1e-3. */
  readonly epsilon?: number
  /** How far a training step moves the running statistics of batch norms: 0.1 as PyTorch's default, 0.01 as published (0.99 in TensorFlow, which counts what stays). Default 0.1. */
  readonly momentum?: number
}

/** Of each stage: blocks, kernel size, stride of the first block, expansion, channels. */
const STAGES = [
  [1, 3, 1, 1, 16],
  [2, 3, 2, 6, 24],
  [2, 5, 2, 6, 40],
  [3, 3, 2, 6, 80],
  [3, 5, 1, 6, 112],
  [4, 5, 2, 6, 192],
  [1, 3, 1, 6, 320],
] as const

const STEM = 32
const HEAD = 1280

/**
 * EfficientNet-Lite0 without its classifier: EfficientNet-B0 without squeeze and excitation, and with relu6. 3,371,008 parameters.
 *
 * - inputs: float32 [n, height, width, inputChannels], of any height and width
 * - output: float32 [n, 1280], the mean over height and width
 * - parameters and buffers: timm's names: `conv_stem.weight`, `bn1.weight`, `blocks.1.0.conv_pw.weight`, `conv_head.weight`, …
 *
 * @throws {OptionError} when an option is unknown or out of range.
 * @throws {ShapeError} when the inputs have other channels.
 * @see Tan and Le, EfficientNet, arXiv:1905.11946, table 1; its lite variants are published with TensorFlow's TPU models
 */
export class EfficientNetLite0 implements Module {
  readonly name = 'EfficientNetLite0'
  readonly parameters: Parameters
  readonly buffers: Parameters
  readonly outputSize = HEAD
  readonly inputSize: number
  readonly #stem: ConvNorm
  readonly #blocks: ReadonlyMap<string, InvertedResidual>
  readonly #head: ConvNorm

  constructor(options: EfficientNetLite0Options = {}) {
    expectKnownOptions(this.name, options, ['inputChannels', 'padding', 'epsilon', 'momentum', 'random', 'seed'])
    const { inputChannels = 3, padding = 'same', epsilon = 1e-3, momentum = 0.1 } = options
    expectNumber(this.name, 'inputChannels', inputChannels, { min: 1, integer: true })
    expectOneOf(this.name, 'padding', padding, ['same', 'symmetric'])
    expectFixedNumber(this.name, 'epsilon', epsilon, { min: 0, exclusiveMin: true })
    expectFixedNumber(this.name, 'momentum', momentum, { min: 0, max: 1 })
    const shared = { padding, norm: { epsilon, momentum }, random: randomOf(this.name, options) }
    this.inputSize = inputChannels
    this.#stem = new ConvNorm({ inputChannels, outputChannels: STEM, kernelSize: 3, stride: 2, ...shared })
    const made = new Map<string, InvertedResidual>()
    let channels: number = STEM
    STAGES.forEach(([count, kernelSize, stride, expansion, outputChannels], stage) => {
      for (let i = 0; i < count; i++) {
        made.set(`blocks.${stage}.${i}`, new InvertedResidual({ inputChannels: channels, outputChannels, kernelSize, stride: i === 0 ? stride : 1, expansion, ...shared }))
        channels = outputChannels
      }
    })
    this.#blocks = made
    this.#head = new ConvNorm({ inputChannels: channels, outputChannels: HEAD, kernelSize: 1, stride: 1, ...shared })
    this.parameters = this.#joined(({ parameters }) => parameters)
    this.buffers = this.#joined(({ buffers }) => buffers)
  }

  call(inputs: tf.Tensor, mode: CallMode): tf.Tensor2D {
    expectShape(this.name, 'inputs', inputs, ['batch', 'height', 'width', this.inputSize])
    return tf.tidy(() => {
      const first = relu6(this.#stem.call(inputs as tf.Tensor4D, mode))
      const last = [...this.#blocks.values()].reduce((x, block) => block.call(x, mode), first)
      return globalAveragePool(relu6(this.#head.call(last, mode)))
    })
  }

  dispose(): void {
    this.#stem.dispose()
    this.#head.dispose()
    for (const block of this.#blocks.values()) block.dispose()
  }

  #joined(pick: (part: Module) => Parameters): Parameters {
    const blocks = Object.fromEntries([...this.#blocks].map(([name, block]) => [name, pick(block)]))
    return joinParameters(this.#stem.named('conv_stem', 'bn1', pick), blocks, this.#head.named('conv_head', 'bn2', pick))
  }
}
