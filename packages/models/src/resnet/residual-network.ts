import * as tf from '@tensorflow/tfjs-core'
import { expectFixedNumber, expectNumber, expectOneOf, expectShape, type CallMode, type Module, type Parameters } from '@metric-learning/contracts'
import { relu } from '@metric-learning/ops'
import { type InitializationOptions, randomOf } from '../initialization/random-of.js'
import { ConvNorm } from '../layers/conv-norm.js'
import { globalAveragePool } from '../layers/global-average-pool.js'
import { maxPool3x3 } from '../layers/max-pool-3x3.js'
import { joinParameters } from '../parameters/join-parameters.js'
import { ResidualBlock, type ResidualBlockKind, type ResNetVersion } from './residual-block.js'

/** What comes before the stages: a convolution 7×7 of stride 2 and a max pool, or a convolution 3×3 of stride 1. */
export type ResNetStem = 'large' | 'small'

/** Options of every residual network. */
export interface ResidualNetworkOptions extends InitializationOptions {
  /** 1 for grey images, 3 for colour. Default 3. */
  readonly inputChannels?: number
  /** `'small'` suits images of up to some 64 pixels, of which `'large'` leaves a quarter a side. Default `'large'`. */
  readonly stem?: ResNetStem
  /** Where bottlenecks have their stride: 1.5, in the 3×3 convolution, as torchvision, or 1, in the first 1×1, as the paper and Keras. Default 1.5. */
  readonly version?: ResNetVersion
  /** ε of batch norms: 1e-5 in torchvision, 1e-3 in Keras. Default 1e-5. */
  readonly epsilon?: number
  /** How far a training step moves the running statistics of batch norms: 0.1 in torchvision, 0.01 in Keras (0.99 there, which counts what stays). Default 0.1. */
  readonly momentum?: number
}

/** What makes one residual network another. */
export interface ResidualNetworkLayout {
  readonly block: ResidualBlockKind
  /** Blocks of each stage; every stage after the first halves height and width. */
  readonly blocks: readonly number[]
  /** W, the channels of the stem and within the blocks of the first stage; 2W, 4W, … follow. */
  readonly width: number
}

/** Names of {@link ResidualNetworkOptions}. */
export const RESIDUAL_NETWORK_OPTIONS = ['inputChannels', 'stem', 'version', 'epsilon', 'momentum', 'random', 'seed']

/**
 * A residual network without its classifier: a stem, stages of residual blocks, then the mean over height and width.
 *
 * - inputs: float32 [n, height, width, inputChannels], of any height and width
 * - output: float32 [n, outputSize], outputSize = W · 2^(stages - 1), four times that with bottlenecks
 * - parameters and buffers: torchvision's names: `conv1.weight`, `bn1.weight`, `layer1.0.conv1.weight`,
 *   `layer2.0.downsample.0.weight`, … A state dict of torchvision loads with
 *   `loadModule(net, path, { ignore: ['fc.'] })`, its classifier left out.
 *
 * Initial weights are drawn as torchvision's: N(0, 2 / fan out) for convolutions; 1 and 0 for batch norms.
 *
 * @see He et al., Deep Residual Learning, arXiv:1512.03385, table 1
 */
export abstract class ResidualNetwork implements Module {
  readonly parameters: Parameters
  readonly buffers: Parameters
  readonly outputSize: number
  readonly inputSize: number
  readonly #isLarge: boolean
  readonly #stem: ConvNorm
  readonly #blocks: ReadonlyMap<string, ResidualBlock>

  constructor(
    readonly name: string,
    { block, blocks, width }: ResidualNetworkLayout,
    options: ResidualNetworkOptions,
  ) {
    const { inputChannels = 3, stem = 'large', version = 1.5, epsilon = 1e-5, momentum = 0.1 } = options
    expectNumber(name, 'inputChannels', inputChannels, { min: 1, integer: true })
    expectOneOf(name, 'stem', stem, ['large', 'small'])
    expectOneOf(name, 'version', version, [1, 1.5])
    expectFixedNumber(name, 'epsilon', epsilon, { min: 0, exclusiveMin: true })
    expectFixedNumber(name, 'momentum', momentum, { min: 0, max: 1 })
    const norm = { epsilon, momentum }
    const random = randomOf(name, options)
    this.inputSize = inputChannels
    this.#isLarge = stem === 'large'
    const [kernelSize, stride] = this.#isLarge ? [7, 2] : [3, 1]
    this.#stem = new ConvNorm({ inputChannels, outputChannels: width, kernelSize, stride, random, norm })
    const made = new Map<string, ResidualBlock>()
    let channels = width
    blocks.forEach((count, stage) => {
      for (let i = 0; i < count; i++) {
        const setup = { kind: block, inputChannels: channels, channels: width * 2 ** stage, random, version, norm }
        const next = new ResidualBlock({ ...setup, stride: stage > 0 && i === 0 ? 2 : 1 })
        made.set(`layer${stage + 1}.${i}`, next)
        channels = next.outputSize
      }
    })
    this.#blocks = made
    this.outputSize = channels
    this.parameters = this.#joined(({ parameters }) => parameters)
    this.buffers = this.#joined(({ buffers }) => buffers)
  }

  call(inputs: tf.Tensor, mode: CallMode): tf.Tensor2D {
    expectShape(this.name, 'inputs', inputs, ['batch', 'height', 'width', this.inputSize])
    return tf.tidy(() => {
      const first = this.#stem.call(inputs as tf.Tensor4D, mode)
      // relu keeps the order of values, so that the pool may run before it, which leaves relu less to do.
      const pooled = relu(this.#isLarge ? maxPool3x3(first) : first)
      return globalAveragePool([...this.#blocks.values()].reduce((x, block) => block.call(x, mode), pooled))
    })
  }

  dispose(): void {
    this.#stem.dispose()
    for (const block of this.#blocks.values()) block.dispose()
  }

  #joined(pick: (part: Module) => Parameters): Parameters {
    const blocks = Object.fromEntries([...this.#blocks].map(([name, block]) => [name, pick(block)]))
    return joinParameters(this.#stem.named('conv1', 'bn1', pick), blocks)
  }
}

