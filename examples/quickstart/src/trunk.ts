import { OptionError, Random, type Module } from '@metric-learning/contracts'
import { ConvNet, loadModule, ResNet18, ResNet50 } from '@metric-learning/models'
import { sampleShapeOf } from './data.js'
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
  if (weights === undefined) return trunk
  try {
    await loadModule(trunk, weights, name === 'convnet' ? {} : { ignore: ['fc.'] })
  } catch (error) {
    trunk.dispose()
    throw error
  }
  return trunk
}

/**
 * Refuses a trunk that the images to come do not suit, and weights that do not suit the trunk, before any image is read.
 *
 * @throws {OptionError} when images of a folder are too small for the ConvNet, which halves their side with each block.
 * @throws {DataError} when the file of weights cannot be read, or is no whole safetensors file.
 * @throws {StateError} when its weights are not those of the trunk.
 */
export async function expectTrunk(options: QuickstartOptions): Promise<void> {
  const { data, trunk, imageSize, weights } = options
  const least = 2 ** RECIPE.trunkBlocks
  if (data !== undefined && trunk === 'convnet' && imageSize < least) {
    throw new OptionError({
      who: 'quickstart',
      wanted: `--image-size of at least ${least} for --trunk convnet`,
      got: String(imageSize),
      fix: `Pass --image-size ${least} or more, or --trunk resnet18.`,
    })
  }
  if (weights !== undefined) (await trunkOf(options, sampleShapeOf(options), new Random(0))).dispose()
}

/** In words, for the report. */
export function describeTrunk({ trunk, weights }: QuickstartOptions): string {
  const name = { convnet: `ConvNet-4 of width ${RECIPE.trunkWidth}`, resnet18: 'ResNet18', resnet50: 'ResNet50' }[trunk]
  return weights === undefined ? name : `${name}, from ${weights}`
}
