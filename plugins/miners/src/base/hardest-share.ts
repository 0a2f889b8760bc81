import * as tf from '@tensorflow/tfjs-core'
import { bincount, mapRowBlocks, mapRowBlocksByName, rowsOfBlock, valueBeside, type FormulaNumber } from '@metric-learning/ops'
import { unreachable } from './extreme.js'

/** Bins of each of two rounds: what is left of the range is below the precision of float32. */
const bins = 16384

/**
 * Of weighted values the share with the largest values: their weights, ⌈share · Σ weights⌉ in all, and 0 elsewhere. Values that tie with
 * the last one share what is left for them. Without sorting: the last one is found in the histogram of all, then in that of its bin.
 * Large matrices are looked at some rows at a time.
 *
 * @param weights how often each value is there, of the shape of `values`
 * @param share in (0, 1]
 */
export function hardestShare(values: tf.Tensor2D, weights: tf.Tensor2D, share: FormulaNumber): tf.Tensor2D {
  return tf.tidy(() => {
    const weighted: Weighted = { values, weights }
    const whole = rangeWhere(weighted, (_, weight) => tf.greater(weight, 0))
    const [all] = totalsWhere(weighted, [(value) => tf.onesLike(value)])
    // Less by what rounding may have added, which would count as one more.
    const wanted = tf.ceil(tf.mul(all!, tf.mul(share, 1 - 1e-6)))
    const last = binOfLast(weighted, wanted, binOfLast(weighted, wanted, whole)).least
    const [harder, tied] = totalsWhere(weighted, [(value) => tf.greater(value, last), (value) => tf.equal(value, last)])
    const ofTied = tf.divNoNan(tf.maximum(tf.sub(wanted, harder!), 0), tied!)
    return mapRowBlocks<tf.Tensor>(rowsOfBlock(values.shape[1]), [values, weights], ([value, weight]) => {
      const kept = tf.add(tf.cast(tf.greater(value!, last), 'float32'), tf.mul(tf.cast(tf.equal(value!, last), 'float32'), ofTied))
      return tf.mul(weight!, kept)
    }) as tf.Tensor2D
  })
}

interface Weighted {
  readonly values: tf.Tensor2D
  readonly weights: tf.Tensor2D
}

/** Smallest and largest of some values: float32 [] each. */
interface Range extends tf.TensorContainerObject {
  readonly least: tf.Tensor
  readonly most: tf.Tensor
}

/** Results of some rows at a time, [1] or [1, …] each, joined along the first axis. */
const ofBlocks = <K extends string>({ values, weights }: Weighted, f: (values: tf.Tensor, weights: tf.Tensor) => Readonly<Record<K, tf.Tensor>>) =>
  mapRowBlocksByName(rowsOfBlock(values.shape[1]), [values, weights], ([value, weight]) => f(value!, weight!))

function rangeWhere(weighted: Weighted, isAmong: (values: tf.Tensor, weights: tf.Tensor) => tf.Tensor): Range {
  const { least, most } = ofBlocks(weighted, (value, weight) => {
    const among = isAmong(value, weight)
    const extremeBeside = (other: number, extreme: typeof tf.min) => tf.reshape(extreme(tf.where(among, value, valueBeside(value, other))), [1])
    return { least: extremeBeside(unreachable, tf.min), most: extremeBeside(-unreachable, tf.max) }
  })
  return { least: tf.min(least), most: tf.max(most) }
}

/** The values in the bin, of a histogram of those in a range, down to which as much weight as is wanted comes together. */
function binOfLast(weighted: Weighted, wanted: tf.Tensor, { least, most }: Range): Range {
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
function totalsWhere(weighted: Weighted, conditions: readonly ((values: tf.Tensor) => tf.Tensor)[]): tf.Tensor[] {
  const { totals } = ofBlocks(weighted, (value, weight) => ({
    totals: tf.expandDims(tf.stack(conditions.map((condition) => total(tf.mul(weight, tf.cast(condition(value), 'float32'))))), 0),
  }))
  return tf.unstack(tf.sum(totals, 0))
}

/** Rows first: sums of one number after the other lose the last ones beyond 2^24. */
const total = (weights: tf.Tensor): tf.Tensor => tf.sum(tf.sum(weights, 1))
