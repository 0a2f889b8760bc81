import * as tf from '@tensorflow/tfjs-core'
import type { PairSelection, TripletSelection } from '@metric-learning/contracts'

/** A selection whose weights are there as a whole. */
export type DenseSelection = PairSelection | TripletSelection

/** What of a selection is weighed apart from the rest. */
export type WeighedPart = 'positive pairs' | 'negative pairs' | 'triplets'

/** The parts that a selection has. */
export const partsOf = (selection: DenseSelection): readonly WeighedPart[] =>
  selection.kind === 'triplets' ? ['triplets'] : ['positive pairs', 'negative pairs']

/** A selection in which a third of a part, the first in the order of rows, has a weight `factor` times as large. */
export function weighed(selection: DenseSelection, part: WeighedPart, factor: number): DenseSelection {
  if (selection.kind === 'triplets') return { ...selection, weights: thirdWeighed(selection.weights, factor) }
  return part === 'positive pairs'
    ? { ...selection, positive: thirdWeighed(selection.positive, factor) }
    : { ...selection, negative: thirdWeighed(selection.negative, factor) }
}

function thirdWeighed<T extends tf.Tensor>(weights: T, factor: number): T {
  const values = Float32Array.from(weights.dataSync())
  const selected = [...values.keys()].filter((place) => values[place] !== 0)
  for (const place of selected.slice(0, Math.ceil(selected.length / 3))) values[place]! *= factor
  return tf.tensor(values, weights.shape) as T
}
