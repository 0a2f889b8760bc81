import { expectKnownOptions } from '@metric-learning/contracts'
import { RESIDUAL_NETWORK_OPTIONS, ResidualNetwork, type ResidualNetworkOptions } from './residual-network.js'

/**
 * torchvision's `resnet18` without `fc`: 11,176,512 parameters, output [n, 512]. See {@link ResidualNetwork}.
 *
 * @throws {OptionError} when an option is unknown or out of range.
 * @throws {ShapeError} when the inputs have other channels.
 */
export class ResNet18 extends ResidualNetwork {
  constructor(options: ResidualNetworkOptions = {}) {
    expectKnownOptions('ResNet18', options, RESIDUAL_NETWORK_OPTIONS)
    super('ResNet18', { block: 'basic', blocks: [2, 2, 2, 2], width: 64 }, options)
  }
}
