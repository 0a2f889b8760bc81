import * as tf from '@tensorflow/tfjs-core'
import type { LabelRelations, Selection, SelectionIndices, TripletSelection } from '@metric-learning/contracts'
import { indicesFromSelection, selectAllPairs, selectAllTriplets } from '@metric-learning/ops'
import { ConformanceError } from './expectations.js'
import type { DenseSelection } from './weighed-selection.js'

/** Everything that labels allow, densely. */
export const selectAll = (selects: 'pairs' | 'triplets', relations: LabelRelations): DenseSelection =>
  selects === 'triplets' ? selectAllTriplets(relations) : selectAllPairs(relations)

/** The same triplets by a rule, and picked one by one: what miners give where [n, k, m] would be large. */
export function otherForms({ positiveIndex, weights }: TripletSelection): readonly (readonly [form: string, selection: Selection])[] {
  const [rows, k, referenceCount] = weights.shape
  const byRule: Selection = { kind: 'tripletRule', positiveIndex, referenceCount, constants: [weights], whole: [], weights: ({ constants }) => constants[0] as tf.Tensor3D }
  const flat = (tensor: tf.Tensor) => tf.reshape(tf.broadcastTo(tensor, [rows, k, referenceCount]), [rows, k * referenceCount]) as tf.Tensor2D
  const picked: Selection = {
    kind: 'pickedTriplets',
    positiveIndex: flat(tf.expandDims(positiveIndex, 2)),
    negativeIndex: flat(tf.range(0, referenceCount, 1, 'int32')),
    weights: flat(weights),
    referenceCount,
  }
  return [['by a rule', byRule], ['one by one', picked]]
}

/** Part of a selection, and the rows that it is among. */
export interface PartialSelection {
  readonly indices: SelectionIndices
  /** Anchors, positives and negatives are all below this row. */
  readonly rows: number
}

/**
 * The pairs or triplets of a selection that are among its first rows: about five eighths of them, more where there would be no
 * positive or no negative.
 *
 * @throws {ConformanceError} when any part without the last row has none.
 */
export async function partOf(all: Selection, rows: number): Promise<PartialSelection> {
  const indices = await indicesFromSelection(all)
  for (let count = Math.ceil((5 * rows) / 8); count < rows; count++) {
    const part = among(indices, count)
    if (lengthsOf(part).every((length) => length > 0)) return { indices: part, rows: count }
  }
  throw new ConformanceError('A part of the selection: wanted labels with positives and negatives without the last row, got none. Pass `labels` such as [0, 1, 2, 0, 1, 2, 0, 1].')
}

const lengthsOf = (indices: SelectionIndices): number[] =>
  'anchor' in indices ? [indices.anchor.length] : [indices.anchor1.length, indices.anchor2.length]

function among(indices: SelectionIndices, rows: number): SelectionIndices {
  if ('anchor' in indices) {
    const [anchor, positive, negative] = below(rows, indices.anchor, indices.positive, indices.negative)
    return { anchor: anchor!, positive: positive!, negative: negative! }
  }
  const [anchor1, positive] = below(rows, indices.anchor1, indices.positive)
  const [anchor2, negative] = below(rows, indices.anchor2, indices.negative)
  return { anchor1: anchor1!, positive: positive!, anchor2: anchor2!, negative: negative! }
}

/** Of vectors that belong together the entries that are all below a bound. */
function below(bound: number, ...vectors: ArrayLike<number>[]): number[][] {
  const kept = Array.from(vectors[0]!, (_, i) => i).filter((i) => vectors.every((vector) => vector[i]! < bound))
  return vectors.map((vector) => kept.map((i) => vector[i]!))
}
