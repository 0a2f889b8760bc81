import * as tf from '@tensorflow/tfjs-core'
import type {
  LabelRelations,
  PairIndices,
  PairSelection,
  Selection,
  SelectionIndices,
  TripletIndices,
  TripletSelection,
} from '@metric-learning/contracts'
import { expectRowNumbers } from './expect-selection.js'

/** The extents that index tuples are checked against. */
type Extents = Pick<LabelRelations, 'queryCount' | 'referenceCount'>

const isTriplets = (indices: SelectionIndices): indices is TripletIndices => 'anchor' in indices

/**
 * A dense selection from index tuples. A tuple that occurs c times gets weight c.
 *
 * @throws {ShapeError} when vectors that belong together differ in length, or a row number is outside the batch.
 */
export function selectionFromIndices(indices: SelectionIndices, extents: Extents): Selection {
  return isTriplets(indices) ? tripletsFromIndices(indices, extents) : pairsFromIndices(indices, extents)
}

/** Reads a selection back as index tuples, in row-major order; a weight of c gives c tuples. Never called inside a step. */
export function indicesFromSelection(selection: PairSelection): Promise<PairIndices>
export function indicesFromSelection(selection: TripletSelection): Promise<TripletIndices>
export function indicesFromSelection(selection: Selection): Promise<SelectionIndices>
export async function indicesFromSelection(selection: Selection): Promise<SelectionIndices> {
  if (selection.kind === 'pairs') {
    const [anchor1, positive] = cells(await selection.positive.data(), selection.positive.shape[1])
    const [anchor2, negative] = cells(await selection.negative.data(), selection.negative.shape[1])
    return { anchor1, positive, anchor2, negative }
  }
  const [, positives, references] = selection.weights.shape
  const [slots, negatives] = cells(await selection.weights.data(), references)
  const positiveRows = await selection.positiveIndex.data()
  return {
    anchor: slots.map((slot) => Math.floor(slot / positives)),
    positive: slots.map((slot) => positiveRows[slot]!),
    negative: negatives,
  }
}

function pairsFromIndices(indices: PairIndices, extents: Extents): PairSelection {
  return {
    kind: 'pairs',
    positive: countMatrix('anchor1', indices.anchor1, 'positive', indices.positive, extents),
    negative: countMatrix('anchor2', indices.anchor2, 'negative', indices.negative, extents),
  }
}

function countMatrix(
  rowName: string,
  rows: ArrayLike<number>,
  columnName: string,
  columns: ArrayLike<number>,
  { queryCount, referenceCount }: Extents,
): tf.Tensor2D {
  expectRowNumbers(rowName, rows, rows.length, queryCount)
  expectRowNumbers(columnName, columns, rows.length, referenceCount)
  const counts = new Float32Array(queryCount * referenceCount)
  for (let i = 0; i < rows.length; i++) counts[rows[i]! * referenceCount + columns[i]!]! += 1
  return tf.tensor2d(counts, [queryCount, referenceCount])
}

function tripletsFromIndices(indices: TripletIndices, { queryCount, referenceCount }: Extents): TripletSelection {
  const { anchor, positive, negative } = indices
  expectRowNumbers('anchor', anchor, anchor.length, queryCount)
  expectRowNumbers('positive', positive, anchor.length, referenceCount)
  expectRowNumbers('negative', negative, anchor.length, referenceCount)

  const slotsOf = Array.from({ length: queryCount }, () => new Map<number, number>())
  for (let i = 0; i < anchor.length; i++) {
    const slots = slotsOf[anchor[i]!]!
    if (!slots.has(positive[i]!)) slots.set(positive[i]!, slots.size)
  }
  const k = slotsOf.reduce((most, slots) => Math.max(most, slots.size), 1)
  const positiveIndex = new Int32Array(queryCount * k)
  slotsOf.forEach((slots, row) => slots.forEach((slot, reference) => (positiveIndex[row * k + slot] = reference)))
  const weights = new Float32Array(queryCount * k * referenceCount)
  for (let i = 0; i < anchor.length; i++) {
    const slot = slotsOf[anchor[i]!]!.get(positive[i]!)!
    weights[(anchor[i]! * k + slot) * referenceCount + negative[i]!]! += 1
  }
  return {
    kind: 'triplets',
    positiveIndex: tf.tensor2d(positiveIndex, [queryCount, k], 'int32'),
    weights: tf.tensor3d(weights, [queryCount, k, referenceCount]),
  }
}

function cells(weights: ArrayLike<number>, columns: number): [number[], number[]] {
  const rowsOut: number[] = []
  const columnsOut: number[] = []
  for (let i = 0; i < weights.length; i++) {
    for (let copies = Math.round(weights[i]!); copies > 0; copies--) {
      rowsOut.push(Math.floor(i / columns))
      columnsOut.push(i % columns)
    }
  }
  return [rowsOut, columnsOut]
}
