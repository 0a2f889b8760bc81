import type { HostTensor } from '../safetensors/safetensors-file.js'

type Tensors = ReadonlyMap<string, HostTensor>

/** Those of torchvision and timm: nothing but the classifier is left out. */
export const asPublished = (tensors: Tensors): Tensors => new Map([...tensors].filter(([name]) => !/^(fc|classifier)\./.test(name)))

/** Blocks of the stages of EfficientNet-Lite0, which efficientnet_lite_pytorch counts through. */
const LITE0_STAGES = [1, 2, 2, 3, 3, 4, 1]

/** Names of efficientnet_lite_pytorch become those of timm. */
export function fromEfficientNetLitePytorch(tensors: Tensors): Tensors {
  const blocks = LITE0_STAGES.flatMap((count, stage) => Array.from({ length: count }, (_, i) => `blocks.${stage}.${i}`))
  const rename = (name: string): string | undefined => {
    if (name.startsWith('_fc.')) return undefined
    const [, index, part, rest] = /^_blocks\.(\d+)\.(\w+)\.(.*)$/.exec(name) ?? []
    if (index === undefined) return name.replace(/^_conv_(stem|head)\./, 'conv_$1.').replace(/^_bn0\./, 'bn1.').replace(/^_bn1\./, 'bn2.')
    const isFirst = index === '0'
    const parts: Readonly<Record<string, string>> = isFirst
      ? { _depthwise_conv: 'conv_dw', _bn1: 'bn1', _project_conv: 'conv_pw', _bn2: 'bn2' }
      : { _expand_conv: 'conv_pw', _bn0: 'bn1', _depthwise_conv: 'conv_dw', _bn1: 'bn2', _project_conv: 'conv_pwl', _bn2: 'bn3' }
    return `${blocks[Number(index)] ?? `blocks.${index}`}.${parts[part!] ?? part}.${rest}`
  }
  return new Map([...tensors].flatMap(([name, tensor]) => (rename(name) === undefined ? [] : [[rename(name)!, tensor] as const])))
}

/**
 * Names, axes and channels of ResNets of Keras become torchvision's. A bias moves into the running mean of the batch norm behind it, and so
 * gives the same outputs, in inference and in training; channels of the images become red, green, blue.
 */
export function fromKerasResNet(tensors: Tensors): Tensors {
  const renamed = new Map<string, HostTensor>()
  for (const [name, tensor] of tensors) {
    const [, layer = '', variable = ''] = /^(.*)\/(\w+)$/.exec(name) ?? []
    if (layer.startsWith('fc')) continue
    const [conv, norm] = torchNames(layer.replace(/^(res|bn)/, '').replace(/^_/, ''))
    const kept = variable === 'kernel' ? toTorchKernel(tensor, layer === 'conv1') : tensor
    if (variable === 'kernel') renamed.set(`${conv}.weight`, kept)
    else if (variable === 'moving_mean') renamed.set(`${norm}.running_mean`, minus(tensor, tensors.get(`${layer.replace(/^bn_?/, layer === 'bn_conv1' ? '' : 'res')}/bias`)))
    else if (variable !== 'bias') renamed.set(`${norm}.${NORMS[variable] ?? variable}`, kept)
  }
  return renamed
}

const NORMS: Readonly<Record<string, string>> = { gamma: 'weight', beta: 'bias', moving_variance: 'running_var' }

/** `2a_branch2b` is the second convolution of the first block of the first stage, and `branch1` the shortcut. */
function torchNames(layer: string): readonly [conv: string, norm: string] {
  const [, stage, block, branch, part] = /^(\d)([a-z]+)_branch(\d)([a-z]?)$/.exec(layer) ?? []
  if (stage === undefined) return [layer, layer.replace('conv', 'bn')]
  const prefix = `layer${Number(stage) - 1}.${block!.charCodeAt(0) - 97}`
  const number = part === '' ? 0 : part!.charCodeAt(0) - 96
  return branch === '1' ? [`${prefix}.downsample.0`, `${prefix}.downsample.1`] : [`${prefix}.conv${number}`, `${prefix}.bn${number}`]
}

/** [height, width, in, out] to [out, in, height, width]; `isReversed` turns blue, green, red round. */
function toTorchKernel({ shape, values }: HostTensor, isReversed: boolean): HostTensor {
  const [height = 1, width = 1, inputs = 1, outputs = 1] = shape
  const turned = new Float32Array(values.length)
  for (let o = 0, at = 0; o < outputs; o++) {
    for (let i = 0; i < inputs; i++) {
      const from = isReversed ? inputs - 1 - i : i
      for (let pixel = 0; pixel < height * width; pixel++, at++) turned[at] = values[(pixel * inputs + from) * outputs + o]!
    }
  }
  return { shape: [outputs, inputs, height, width], values: turned }
}

function minus({ shape, values }: HostTensor, bias: HostTensor | undefined): HostTensor {
  return { shape, values: Float32Array.from(values, (value, i) => value - (bias?.values[i] ?? 0)) }
}
