import { expectKnownOptions } from '@metric-learning/contracts'
import { RESIDUAL_NETWORK_OPTIONS, ResidualNetwork, type ResidualNetworkOptions } from './residual-network.js'

/**
 * torchvision's `resnet50` without `fc`: 23,508,032 parameters, output [n, 2048]. See {@link ResidualNetwork}.
 *
 * @throws {OptionError} when an option is unknown or out of range.
 * @throws {ShapeError} when the inputs have other channels.
 */
export class ResNet50 extends ResidualNetwork {
  constructor(options: ResidualNetworkOptions = {}) {
    expectKnownOptions('ResNet50', options, RESIDUAL_NETWORK_OPTIONS)
    super('ResNet50', { block: 'bottleneck', blocks: [3, 4, 6, 3], width: 64 }, options)
  }
}
