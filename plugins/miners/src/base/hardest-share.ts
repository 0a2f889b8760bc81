import * as tf from '@tensorflow/tfjs-core'
import { bincount, mapRowBlocksByName, valueBeside, type FormulaNumber } from '@metric-learning/ops'
import { unreachable } from './extreme.js'

/** Bins of each of two rounds: what is left of the range is below the precision of float32. */
const bins = 16384

/** Values, and how often each is there: float32 [rows, columns] each. */
export interface Weighted {
  readonly values: tf.Tensor
  readonly weights: tf.Tensor
}

/** The same of many rows, of which some are looked at at a time. */
export interface WeightedRows {
  /** Rows at a time. */
  readonly size: number
  /** What values and weights follow from, a row each. */
  readonly rows: readonly tf.Tensor[]
  /** Those of some rows, the first of which is `start` among all. */
  of(rows: readonly tf.Tensor[], start: number): Weighted
}

/**
 * Where of weighted values the share ends that has the largest of them, ⌈share · Σ weights⌉ in all: the smallest of them and, since those that
 * tie with it share what is left for them, how much of each is in it, from 0 to 1. Float32 [2]. Without sorting: it is found in the histogram of all,
 * then in that of its bin.
 *
 * @param share in (0, 1]
 */
export function endOfShare(weighted: WeightedRows, share: FormulaNumber): tf.Tensor1D {
  return tf.tidy(() => {
    const whole = rangeWhere(weighted, (_, weight) => tf.greater(weight, 0))
    const [all] = totalsWhere(weighted, [(value) => tf.onesLike(value)])
    // Less by what rounding may have added, which would count as one more.
    const wanted = tf.ceil(tf.mul(all!, tf.mul(share, 1 - 1e-6)))
    const last = binOfLast(weighted, wanted, binOfLast(weighted, wanted, whole)).least
    const [harder, tied] = totalsWhere(weighted, [(value) => tf.greater(value, last), (value) => tf.equal(value, last)])
    return tf.stack([last, tf.divNoNan(tf.maximum(tf.sub(wanted, harder!), 0), tied!)]) as tf.Tensor1D
  })
}

/**
 * The weights of the values that are in a share, 0 of others: float32 [rows, columns].
 *
 * @param end as {@link endOfShare} gives it
 */
export function inShare({ values, weights }: Weighted, end: tf.Tensor): tf.Tensor2D {
  const [last, ofTied] = tf.unstack(end) as [tf.Scalar, tf.Scalar]
  const kept = tf.add(tf.cast(tf.greater(values, last), 'float32'), tf.mul(tf.cast(tf.equal(values, last), 'float32'), ofTied))
  return tf.mul(weights, kept)
}

/** Smallest and largest of some values: float32 [] each. */
interface Range extends tf.TensorContainerObject {
  readonly least: tf.Tensor
  readonly most: tf.Tensor
}

/** Results of some rows at a time, [1] or [1, …] each, joined along the first axis. */
function ofBlocks<K extends string>({ size, rows, of }: WeightedRows, f: (values: tf.Tensor, weights: tf.Tensor) => Readonly<Record<K, tf.Tensor>>): Record<K, tf.Tensor> {
  return mapRowBlocksByName(size, rows, (block, start) => {
    const { values, weights } = of(block, start)
    return f(values, weights)
  })
}

function rangeWhere(weighted: WeightedRows, isAmong: (values: tf.Tensor, weights: tf.Tensor) => tf.Tensor): Range {
  const { least, most } = ofBlocks(weighted, (value, weight) => {
    const among = isAmong(value, weight)
    const extremeBeside = (other: number, extreme: typeof tf.min) => tf.reshape(extreme(tf.where(among, value, valueBeside(value, other))), [1])
    return { least: extremeBeside(unreachable, tf.min), most: extremeBeside(-unreachable, tf.max) }
  })
  return { least: tf.min(least), most: tf.max(most) }
}

/** The values in the bin, of a histogram of those in a range, down to which as much weight as is wanted comes together. */
function binOfLast(weighted: WeightedRows, wanted: tf.Tensor, { least, most }: Range): Range {
  return tf.tidy(() => {
    const isWithin = (value: tf.Tensor, weight: tf.Tensor) => tf.logicalAnd(tf.logicalAnd(tf.greaterEqual(value, least), tf.lessEqual(value, most)), tf.greater(weight, 0))
    const rate = tf.divNoNan(bins, tf.sub(most, least))
    const binOf = (value: tf.Tensor) => tf.cast(tf.clipByValue(tf.mul(tf.sub(value, least), rate), 0, bins - 1), 'int32')
    const { counts, above } = ofBlocks(weighted, (value, weight) => {
      const within = tf.mul(weight, tf.cast(isWithin(value, weight), 'float32'))
      return {
        counts: tf.expandDims(bincount(tf.reshape(binOf(value), [-1]), tf.reshape(within, [-1]), bins), 0),
        above: tf.expandDims(total(tf.mul(weight, tf.cast(tf.greater(value, most), 'float32'))), 0),
      }
    })
    const downTo = tf.add(tf.cumsum(tf.sum(counts, 0), 0, false, true), tf.sum(above))
    const last = tf.sub(tf.sum(tf.cast(tf.greaterEqual(downTo, wanted), 'int32')), tf.scalar(1, 'int32'))
    return rangeWhere(weighted, (value, weight) => tf.logicalAnd(isWithin(value, weight), tf.equal(binOf(value), last)))
  })
}

/** The weights of the values for which each condition holds, added up: float32 [] each. */
function totalsWhere(weighted: WeightedRows, conditions: readonly ((values: tf.Tensor) => tf.Tensor)[]): tf.Tensor[] {
  const { totals } = ofBlocks(weighted, (value, weight) => ({
    totals: tf.expandDims(tf.stack(conditions.map((condition) => total(tf.mul(weight, tf.cast(condition(value), 'float32'))))), 0),
  }))
  return tf.unstack(tf.sum(totals, 0))
}

/** Rows first: sums of one number after the other lose the last ones beyond 2^24. */
const total = (weights: tf.Tensor): tf.Tensor => tf.sum(tf.sum(weights, 1))
