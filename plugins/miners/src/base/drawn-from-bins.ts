import * as tf from '@tensorflow/tfjs-core'
import { bincount, countUpTo, divNoNan, gatherColumns, mapRowBlocks, mapRowBlocksByName, rowsOfBlock, valueBeside } from '@metric-learning/ops'
import { unreachable } from './extreme.js'

/** Values that are looked through one by one once it is known that the wanted one is among them. */
const stretch = 256

/**
 * How often each pair is drawn, when as many are drawn from each bin of a histogram of their values: float32 [n, m]. Bins that are
 * empty give none. In a bin of more than 2^24 pairs a draw may miss, and gives none.
 *
 * @param mask 1 for the pairs that there are
 * @param drawn uniform integers: int32 [bins, draws of each]
 */
export function drawnFromBins(values: tf.Tensor2D, mask: tf.Tensor2D, drawn: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => {
    const bins = drawn.shape[0]
    const stretches = Math.ceil(values.size / stretch)
    // One stretch after the other, a row each; -1 for what is no pair.
    const padding = stretches * stretch - values.size
    const binOf = tf.reshape(tf.pad(tf.reshape<tf.Rank.R1>(binNumbers(values, mask, bins), [-1]), [[0, padding]], -1), [stretches, stretch])
    // How many pairs of each bin there are up to each stretch.
    const counts = tf.transpose(countsByRow(binOf as tf.Tensor2D, bins))
    const upTo = tf.cumsum<tf.Tensor2D>(counts, 1)
    const total = tf.slice(upTo, [0, stretches - 1], [bins, 1])
    // The pair of that number in the bin: its stretch, then its place in there.
    const number = tf.cast(tf.mod(drawn, tf.cast(tf.maximum(total, 1), 'int32')), 'float32') as tf.Tensor2D
    const at = tf.minimum<tf.Tensor2D>(countUpTo(upTo, number), tf.scalar(stretches - 1, 'int32'))
    const numberThere = tf.sub(number, gatherColumns(tf.sub(upTo, counts), at))
    const bin = tf.reshape(tf.range(0, bins, 1, 'int32'), [bins, 1])
    const isOfBin = tf.equal(tf.gather<tf.Tensor>(binOf, at), tf.expandDims(bin, 2))
    const countThere = tf.cumsum(tf.cast(isOfBin, 'float32'), 2)
    const place = tf.sum(tf.cast(tf.lessEqual(countThere, tf.expandDims(numberThere, 2)), 'int32'), 2)
    const pair = tf.minimum(tf.add(tf.mul(at, tf.scalar(stretch, 'int32')), place), tf.scalar(values.size - 1, 'int32'))
    // Not in a bin that is empty, nor in one of more than 2^24 pairs where their numbers, which are float32, miss it.
    const exists = tf.cast(tf.equal(tf.gather(tf.reshape<tf.Rank.R1>(binOf, [-1]), pair), bin), 'float32')
    return tf.reshape(bincount(tf.reshape(pair, [-1]), tf.reshape(exists, [-1]), values.size), values.shape)
  })
}

/** How often each number below `bins` is in each row, some rows at a time: float32 [rows, bins]. Others do not count. */
function countsByRow(numbers: tf.Tensor2D, bins: number): tf.Tensor2D {
  const size = rowsOfBlock(Math.max(bins, numbers.shape[1]))
  return mapRowBlocks<tf.Tensor>(size, [numbers], ([block]) => {
    const rows = block!.shape[0]!
    const rowStart = tf.mul(tf.expandDims(tf.range(0, rows, 1, 'int32'), 1), tf.scalar(bins, 'int32'))
    const isNumber = tf.cast(tf.greaterEqual(block!, 0), 'float32')
    const places = tf.add(rowStart, tf.maximum(block!, tf.scalar(0, 'int32')))
    return tf.reshape(bincount(tf.reshape(places, [-1]), tf.reshape(isNumber, [-1]), rows * bins), [rows, bins])
  }) as tf.Tensor2D
}

/** The bin of each pair, of equal width between smallest and largest value, the last one with its upper bound: int32 [n, m]; -1 for none. */
function binNumbers(values: tf.Tensor2D, mask: tf.Tensor2D, bins: number): tf.Tensor2D {
  return tf.tidy(() => {
    const size = rowsOfBlock(values.shape[1])
    const extremes = mapRowBlocksByName(size, [values, mask], ([value, isPair]) => {
      const extremeBeside = (other: number, extreme: typeof tf.min) => tf.reshape(extreme(tf.where(tf.greater(isPair!, 0), value!, valueBeside(value!, other))), [1])
      return { least: extremeBeside(unreachable, tf.min), most: extremeBeside(-unreachable, tf.max) }
    })
    const [least, most] = [tf.min(extremes.least), tf.max(extremes.most)]
    const width = tf.maximum(tf.sub(most, least), 0)
    return mapRowBlocks<tf.Tensor>(size, [values, mask], ([value, isPair]) => {
      const share = divNoNan(tf.sub(value!, least), width)
      const number = tf.cast(tf.clipByValue(tf.floor(tf.mul(share, bins)), 0, bins - 1), 'int32')
      return tf.sub(tf.mul(tf.add(number, tf.scalar(1, 'int32')), tf.cast(tf.greater(isPair!, 0), 'int32')), tf.scalar(1, 'int32'))
    }) as tf.Tensor2D
  })
}
