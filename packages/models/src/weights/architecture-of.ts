import type { HostTensor } from '../safetensors/safetensors-file.js'

/** Blocks of each stage, by architecture. */
const RESNETS: Readonly<Record<string, string>> = {
  'basic 2,2,2,2': 'ResNet18',
  'basic 3,4,6,3': 'ResNet34',
  'bottleneck 3,4,6,3': 'ResNet50',
  'bottleneck 3,4,23,3': 'ResNet101',
  'bottleneck 3,8,36,3': 'ResNet152',
}
const LITE0 = '1,2,2,3,3,4,1'

/** What network weights are of, as their names in the manner of torchvision or timm tell: `ResNet50`, or in words. */
export function architectureOf(tensors: ReadonlyMap<string, Pick<HostTensor, 'shape'>>): string {
  const names = [...tensors.keys()]
  const counts = (pattern: RegExp) => {
    const blocks = new Map<string, Set<string>>()
    for (const name of names) {
      const [, stage, block] = pattern.exec(name) ?? []
      if (stage !== undefined) blocks.set(stage, (blocks.get(stage) ?? new Set()).add(block!))
    }
    return [...blocks].sort(([a], [b]) => Number(a) - Number(b)).map(([, { size }]) => size).join()
  }
  const [first = 'nothing'] = names
  if (tensors.has('conv_stem.weight')) {
    const blocks = counts(/^blocks\.(\d+)\.(\d+)\./)
    const isLite = !names.some((name) => name.includes('.se.'))
    return isLite && blocks === LITE0 && tensors.get('conv_stem.weight')!.shape[0] === 32 ? 'EfficientNetLite0' : `an EfficientNet of ${blocks} blocks${isLite ? '' : ' with squeeze and excitation'}`
  }
  if (!tensors.has('conv1.weight') || !names.some((name) => name.startsWith('layer1.'))) return `another network ("${first}", …)`
  const kind = tensors.has('layer1.0.conv3.weight') ? 'bottleneck' : 'basic'
  const blocks = counts(/^layer(\d+)\.(\d+)\./)
  const width = tensors.get('layer1.0.conv2.weight')?.shape[0] ?? 0
  const known = RESNETS[`${kind} ${blocks}`]
  return known !== undefined && width === 64 ? known : `a ResNet of ${blocks} ${kind} blocks and width ${width}`
}
