import type { Random } from '@metric-learning/contracts'

/** From and to, both included. */
export type Range = readonly [low: number, high: number]

/** A place in an image, in pixels: top, left, height, width. */
export type Box = readonly [top: number, left: number, height: number, width: number]

/** How often a box is drawn anew that does not fit. */
const ATTEMPTS = 10

const within = (random: Random, [low, high]: Range) => low + (high - low) * random.uniform()

/** A box of a part of the area, of an aspect drawn evenly in its logarithm: its sides, not rounded; the first divided by the second is the aspect. */
function sides(random: Random, area: number, scale: Range, ratio: Range): readonly [number, number] {
  const part = area * within(random, scale)
  const aspect = Math.exp(within(random, [Math.log(ratio[0]), Math.log(ratio[1])]))
  return [Math.round(Math.sqrt(part * aspect)), Math.round(Math.sqrt(part / aspect))]
}

/**
 * torchvision's RandomResizedCrop: up to ten times, an area within `scale` of the image's and an aspect, width / height, within `ratio`; the first that
 * fits, at a place where every one is as likely. When none does, the largest in the middle whose aspect is within `ratio`.
 */
export function resizedCrop(random: Random, height: number, width: number, scale: Range, ratio: Range): Box {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const [wide, high] = sides(random, height * width, scale, ratio)
    if (wide < 1 || wide > width || high < 1 || high > height) continue
    return [random.int(height - high + 1), random.int(width - wide + 1), high, wide]
  }
  const aspect = width / height
  const wide = aspect > ratio[1] ? Math.round(height * ratio[1]) : width
  const high = aspect < ratio[0] ? Math.round(width / ratio[0]) : height
  return [Math.floor((height - high) / 2), Math.floor((width - wide) / 2), high, wide]
}

/** torchvision's RandomErasing: as above, height / width being the aspect, smaller than the image; nothing when none of ten fits. */
export function erasedBox(random: Random, height: number, width: number, scale: Range, ratio: Range): Box | undefined {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const [high, wide] = sides(random, height * width, scale, ratio)
    if (high < 1 || wide < 1 || high >= height || wide >= width) continue
    return [random.int(height - high + 1), random.int(width - wide + 1), high, wide]
  }
  return undefined
}

/** How far colours are changed. */
export interface Jitter {
  readonly brightness: number
  readonly contrast: number
  readonly saturation: number
  readonly hue: number
}

/** torchvision's ColorJitter: the order of the four, then their factors, as `AugmentBatch.jitter` has them. */
export function jitterOf(random: Random, { brightness, contrast, saturation, hue }: Jitter): number[] {
  const order = [0, 1, 2, 3]
  for (let i = 3; i > 0; i--) {
    const j = random.int(i + 1)
    ;[order[i], order[j]] = [order[j]!, order[i]!]
  }
  const factors = [brightness, contrast, saturation].map((amount) => within(random, [Math.max(0, 1 - amount), 1 + amount]))
  return [...order, ...factors, within(random, [-hue, hue])]
}
