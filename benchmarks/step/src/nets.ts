/** A net with its batch, as both sides build it. */
export interface Net {
  readonly name: string
  readonly title: string
  readonly batch: number
  /** Height and width of an image, in pixels. */
  readonly imageSize: number
  readonly channels: number
  /** Steps of a turn on a CPU: fewer for slow nets. */
  readonly steps: number
}

export const NETS: readonly Net[] = [
  { name: 'convnet-16', title: 'ConvNet-4, width 16', batch: 64, imageSize: 28, channels: 1, steps: 60 },
  { name: 'convnet-32', title: 'ConvNet-4, width 32', batch: 64, imageSize: 28, channels: 1, steps: 40 },
  { name: 'smallresnet', title: 'small ResNet (32-64-128-256)', batch: 32, imageSize: 32, channels: 3, steps: 20 },
  { name: 'resnet50', title: 'ResNet50, 64 x 64', batch: 16, imageSize: 64, channels: 3, steps: 10 },
]

export const NET_NAMES = NETS.map(({ name }) => name)

export const LOSSES = ['triplet', 'arcface'] as const
export type LossName = (typeof LOSSES)[number]
