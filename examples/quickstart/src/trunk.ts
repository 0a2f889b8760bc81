import { OptionError, type Module, type Random } from '@metric-learning/contracts'
import { ConvNet, loadModule, ResNet18, ResNet50 } from '@metric-learning/models'
import type { QuickstartOptions } from './options.js'
import { RECIPE } from './recipe.js'

/** Images of up to this many pixels a side are too small for the stem of torchvision's ResNets, unless weights want it. */
const SMALL = 64

/** The trunk that is asked for, with its weights where a file is named. A classifier in that file, `fc.`, is passed over. */
export async function trunkOf(
  { trunk: name, weights }: QuickstartOptions,
  sampleShape: readonly number[],
  random: Random,
): Promise<Module> {
  const [side, , inputChannels] = sampleShape as [number, number, number]
  const stem = weights === undefined && side <= SMALL ? 'small' : 'large'
  const trunk = {
    convnet: () => new ConvNet({ inputChannels, width: RECIPE.trunkWidth, blocks: RECIPE.trunkBlocks, random }),
    resnet18: () => new ResNet18({ inputChannels, stem, random }),
    resnet50: () => new ResNet50({ inputChannels, stem, random }),
  }[name]()
  if (weights !== undefined) await loadModule(trunk, weights, name === 'convnet' ? {} : { ignore: ['fc.'] })
  return trunk
}

/**
 * Refuses a trunk that the images to come do not suit, before any is read.
 *
 * @throws {OptionError} when images of a folder are too small for the ConvNet, which halves their side with each block.
 */
export function expectTrunk({ data, trunk, imageSize }: QuickstartOptions): void {
  const least = 2 ** RECIPE.trunkBlocks
  if (data === undefined || trunk !== 'convnet' || imageSize >= least) return
  throw new OptionError({
    who: 'quickstart',
    wanted: `--image-size of at least ${least} for --trunk convnet`,
    got: String(imageSize),
    fix: `Pass --image-size ${least} or more, or --trunk resnet18.`,
  })
}

/** In words, for the report. */
export function describeTrunk({ trunk, weights }: QuickstartOptions): string {
  const name = { convnet: `ConvNet-4 of width ${RECIPE.trunkWidth}`, resnet18: 'ResNet18', resnet50: 'ResNet50' }[trunk]
  return weights === undefined ? name : `${name}, from ${weights}`
}
