import * as tf from '@tensorflow/tfjs-core'
import { blockBytes } from './block-bytes.js'

/**
 * Calls `f` with the same block of rows of several tensors and its first row, block after block, and joins what it
 * returns along the rows. What a block needs in between is freed before the next one. Off the gradient tape; see
 * {@link blockwise}.
 */
export function mapRowBlocks<T extends tf.Tensor>(rows: number, tensors: readonly T[], f: (blocks: T[], start: number) => T): T {
  const count = tensors[0]!.shape[0]!
  if (rows >= count) return f([...tensors], 0)
  return tf.concat(rowBlockResults(rows, tensors, f), 0)
}

/** The same of an `f` that returns several tensors by name: each is joined by itself. */
export function mapRowBlocksByName<K extends string>(
  rows: number,
  tensors: readonly tf.Tensor[],
  f: (blocks: tf.Tensor[], start: number) => Readonly<Record<K, tf.Tensor>>,
): Record<K, tf.Tensor> {
  if (rows >= tensors[0]!.shape[0]!) return { ...f([...tensors], 0) }
  const parts: Record<K, tf.Tensor>[] = []
  for (let start = 0; start < tensors[0]!.shape[0]!; start += rows) {
    const before = Object.values<tf.Tensor>(parts.at(-1) ?? {})
    parts.push(tf.tidy(() => ({ ...f(rowBlock(tensors, start, rows, before), start) })))
  }
  const joined = Object.keys(parts[0]!).map((name) => {
    const ofName = parts.map((part) => part[name as K])
    const whole = tf.concat(ofName, 0)
    tf.dispose(ofName)
    return [name, whole] as const
  })
  return Object.fromEntries(joined) as Record<K, tf.Tensor>
}

/** What `f` makes of each block of rows, one after the other. */
export function rowBlockResults<T extends tf.Tensor, U extends tf.Tensor>(
  rows: number,
  tensors: readonly T[],
  f: (blocks: T[], start: number) => U,
): U[] {
  const results: U[] = []
  for (let start = 0; start < tensors[0]!.shape[0]!; start += rows) {
    results.push(tf.tidy(() => f(rowBlock(tensors, start, rows, results.slice(-1)), start)))
  }
  return results
}

/** Rows `start` to `start + rows`, or to the last one, once the results before are there. */
export function rowBlock<T extends tf.Tensor>(tensors: readonly T[], start: number, rows: number, before: readonly tf.Tensor[]): T[] {
  const zero = before.length === 0 ? undefined : zeroAfter(before)
  return tensors.map((tensor) => {
    const from = tensor.shape.map((_, axis) => (axis === 0 ? start : 0))
    const size = [Math.min(rows, tensor.shape[0]! - start), ...tensor.shape.slice(1)]
    return startingAfter(tf.slice(tensor, from, size), zero)
  })
}

/**
 * A zero that is there once all of `results` are: float32 []. Added to what a next block starts from, it keeps a graph,
 * which runs whatever is ready, from having all blocks in memory at once.
 */
function zeroAfter(results: readonly tf.Tensor[]): tf.Scalar {
  const marks = tf.concat(results.map((result) => tf.cast(tf.slice(tf.reshape<tf.Rank.R1>(result, [-1]), 0, 1), 'float32')))
  return tf.sum(tf.cast(tf.less(marks, marks), 'float32'))
}

/**
 * A number to choose from beside a large tensor, as in `tf.where(mask, x, valueBeside(x, 0))`: it is there only once that is. A graph would
 * otherwise broadcast it to the shape of the block for all blocks at once, before any of them is begun.
 */
export const valueBeside = (x: tf.Tensor, value: number): tf.Scalar | number => (4 * x.size < blockBytes / 2 ? value : tf.add<tf.Scalar>(zeroAfter([x]), value))

/** The same values once a {@link zeroAfter} is there; at once where it is undefined. */
function startingAfter<T extends tf.Tensor>(x: T, zero: tf.Scalar | undefined): T {
  if (zero === undefined) return x
  return tf.add(x, tf.cast(zero, x.dtype))
}
