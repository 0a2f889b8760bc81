import { describeValue, expectKnownOptions, expectNumber, expectOneOf, OptionError } from '@metric-learning/contracts'
import type { ResidualBlockKind } from './residual-block.js'
import { RESIDUAL_NETWORK_OPTIONS, ResidualNetwork, type ResidualNetworkOptions } from './residual-network.js'

/** Options of {@link ResNet}. */
export interface ResNetOptions extends ResidualNetworkOptions {
  /** Default `'basic'`. */
  readonly block?: ResidualBlockKind
  /** Blocks of each stage; every stage after the first halves height and width. Default [2, 2, 2, 2]. */
  readonly blocks?: readonly number[]
  /** W, the channels of the stem and within the blocks of the first stage; 2W, 4W, … follow. Default 64. */
  readonly width?: number
}

/**
 * A {@link ResidualNetwork} of any depth and width, for data that {@link ResNet18} is too large for.
 *
 * @throws {OptionError} when an option is unknown or out of range.
 * @throws {ShapeError} when the inputs have other channels.
 */
export class ResNet extends ResidualNetwork {
  constructor(options: ResNetOptions = {}) {
    expectKnownOptions('ResNet', options, ['block', 'blocks', 'width', ...RESIDUAL_NETWORK_OPTIONS])
    const { block = 'basic', blocks = [2, 2, 2, 2], width = 64 } = options
    expectOneOf('ResNet', 'block', block, ['basic', 'bottleneck'])
    if (!Array.isArray(blocks)) throw new OptionError({ who: 'ResNet', wanted: '`blocks` to be a list of numbers', got: describeValue(blocks), fix: 'Pass one such as [2, 2, 2, 2].' })
    expectNumber('ResNet', 'number of stages', blocks.length, { min: 1, hint: 'Pass `blocks` with an entry a stage.' })
    expectNumber('ResNet', 'width', width, { min: 1, integer: true })
    blocks.forEach((count, i) => {
      expectNumber('ResNet', `blocks[${i}]`, count, { min: 1, integer: true })
    })
    super('ResNet', { block, blocks, width }, options)
  }
}
