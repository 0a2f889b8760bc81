import { expectKnownOptions } from '@metric-learning/contracts'
import { RESIDUAL_NETWORK_OPTIONS, ResidualNetwork, type ResidualNetworkOptions } from './residual-network.js'

/**
 * torchvision's `resnet34` without `fc`: 21,284,672 parameters, output [n, 512]. See {@link ResidualNetwork}.
 *
 * @throws {OptionError} when an option is unknown or out of range.
 * @throws {ShapeError} when the inputs have other channels.
 */
export class ResNet34 extends ResidualNetwork {
  constructor(options: ResidualNetworkOptions = {}) {
    expectKnownOptions('ResNet34', options, RESIDUAL_NETWORK_OPTIONS)
    super('ResNet34', { block: 'basic', blocks: [3, 4, 6, 3], width: 64 }, options)
  }
}
