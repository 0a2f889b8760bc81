import { OptionError, Random } from '@metric-learning/contracts'
import { makeTrunk, Registry, type Part } from '@metric-learning/experiments'
import { sampleShapeOf } from './data.js'
import type { QuickstartOptions } from './options.js'
import { RECIPE } from './recipe.js'

/** Images of up to this many pixels a side are too small for the stem of torchvision's ResNets, unless weights want it. */
const SMALL = 64

/** The trunk that is asked for, as experiments name it. */
export function trunkPart({ trunk, weights }: QuickstartOptions, sampleShape: readonly number[]): Part<'trunks'> {
  const stem = weights === undefined && sampleShape[0]! <= SMALL ? 'small' : 'large'
  return {
    convnet: { ConvNet: { width: RECIPE.trunkWidth, blocks: RECIPE.trunkBlocks } },
    resnet18: { ResNet18: { stem } },
    resnet50: { ResNet50: { stem } },
  }[trunk] as Part<'trunks'>
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
  if (weights === undefined) return
  const sampleShape = sampleShapeOf(options)
  const made = await makeTrunk({ trunk: trunkPart(options, sampleShape), weights, registry: new Registry(), inputChannels: sampleShape[2]!, random: new Random(0) })
  made.trunk.dispose()
}

/** In words, for the report. */
export function describeTrunk({ trunk, weights }: QuickstartOptions): string {
  const name = { convnet: `ConvNet-4 of width ${RECIPE.trunkWidth}`, resnet18: 'ResNet18', resnet50: 'ResNet50' }[trunk]
  return weights === undefined ? name : `${name}, from ${weights}`
}
