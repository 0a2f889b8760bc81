import * as tf from '@tensorflow/tfjs-core'
import type {
  PairIndices,
  PairSelection,
  PickedTriplets,
  Selection,
  SelectionIndices,
  TripletIndices,
  TripletRule,
  TripletSelection,
} from '@metric-learning/contracts'
import { rowsOfBlock } from '../blocks/block-bytes.js'
import { ruleRows } from './triplet-rules.js'
import { expectRowNumbers, type Extents } from './expect-selection.js'

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
export function indicesFromSelection(selection: TripletSelection | TripletRule | PickedTriplets): Promise<TripletIndices>
export function indicesFromSelection(selection: Selection): Promise<SelectionIndices>
export async function indicesFromSelection(selection: Selection): Promise<SelectionIndices> {
  if (selection.kind === 'pairs') {
    const [anchor1, positive] = cells(await selection.positive.data(), selection.positive.shape[1])
    const [anchor2, negative] = cells(await selection.negative.data(), selection.negative.shape[1])
    return { anchor1, positive, anchor2, negative }
  }
  const positiveRows = await selection.positiveIndex.data()
  const [anchor, positive, negative] = [[], [], []] as [number[], number[], number[]]
  /** Weights of [slots of anchor and positive, negatives], from a slot on. */
  const add = (weights: ArrayLike<number>, columns: number, firstSlot: number, negativeRows?: ArrayLike<number>) => {
    const [slots, negatives] = cells(weights, columns)
    slots.forEach((slot, i) => {
      anchor.push(Math.floor((firstSlot + slot) / k))
      positive.push(positiveRows[firstSlot + slot]!)
      negative.push(negativeRows ? negativeRows[slot]! : negatives[i]!)
    })
  }
  const [n, k] = selection.positiveIndex.shape
  if (selection.kind === 'pickedTriplets') add(await selection.weights.data(), 1, 0, await selection.negativeIndex.data())
  else if (selection.kind === 'triplets') add(await selection.weights.data(), selection.weights.shape[2], 0)
  else {
    const size = rowsOfBlock(k * selection.referenceCount)
    for (let start = 0; start < n; start += size) {
      const weights = tf.tidy(() => ruleRows(selection, start, Math.min(size, n - start)))
      add(await weights.data(), selection.referenceCount, start * k)
      weights.dispose()
    }
  }
  return { anchor, positive, negative }
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
