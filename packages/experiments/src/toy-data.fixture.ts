import { Random, type Module } from '@metric-learning/contracts'
import { ImageDataset } from '@metric-learning/datasets'
import type { RankMetric } from '@metric-learning/evaluation'
import * as tf from '@tensorflow/tfjs-core'
import type { LoadedData } from './registry/data-sets.js'

/** Images of 8×8, grey or with all channels alike: of each class one pattern, with noise. */
export function toyData({ classes = 12, samplesPerClass = 8, channels = 1 }: { readonly classes?: number; readonly samplesPerClass?: number; readonly channels?: 1 | 3 } = {}): LoadedData {
  const random = new Random(7)
  const patterns = Array.from({ length: classes }, () => Array.from({ length: 64 }, () => 255 * random.uniform()))
  const labels = Int32Array.from({ length: classes * samplesPerClass }, (_, row) => Math.floor(row / samplesPerClass))
  const pixels = Uint8Array.from([...labels].flatMap((label) => patterns[label]!.map((value) => 0.5 * value + 127 * random.uniform())).flatMap((value) => Array.from({ length: channels }, () => value)))
  return { train: new ImageDataset({ name: 'toys', pixels, sampleShape: [8, 8, channels], labels, classNames: patterns.map((_, i) => `toy ${i}`) }) }
}

/** How often the nearest neighbour is of another class: a metric of one's own, of which less is better. */
export const errorAt1 = (): RankMetric => ({ name: 'errorAt1', label: 'error@1', better: 'smaller', judges: 'ranks', depth: 1, compute: ({ matchRanks }) => (matchRanks[0] === 1 ? 0 : 1) })

/** A trunk that gives the same for all images, as one that has collapsed does. */
export function collapsedTrunk(): Module {
  const point = tf.variable(tf.ones([1, 4]))
  return {
    name: 'collapsed',
    parameters: new Map([['point', point]]),
    buffers: new Map(),
    outputSize: 4,
    call: (images) => tf.tile(point, [images.shape[0]!, 1]),
    dispose: () => {
      point.dispose()
    },
  }
}
