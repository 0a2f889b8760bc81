import { expectKnownOptions } from '@metric-learning/contracts'
import { RESIDUAL_NETWORK_OPTIONS, ResidualNetwork, type ResidualNetworkOptions } from './residual-network.js'

/**
 * torchvision's `resnet101` without `fc`: 42,500,160 parameters, output [n, 2048]. See {@link ResidualNetwork}.
 *
 * @throws {OptionError} when an option is unknown or out of range.
 * @throws {ShapeError} when the inputs have other channels.
 */
export class ResNet101 extends ResidualNetwork {
  constructor(options: ResidualNetworkOptions = {}) {
    expectKnownOptions('ResNet101', options, RESIDUAL_NETWORK_OPTIONS)
    super('ResNet101', { block: 'bottleneck', blocks: [3, 4, 23, 3], width: 64 }, options)
  }
}
