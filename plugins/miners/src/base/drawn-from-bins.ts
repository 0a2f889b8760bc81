import * as tf from '@tensorflow/tfjs-core'
import type { PairSelection } from '@metric-learning/contracts'
import { bincount, countUpTo, divNoNan, gatherColumns, mapRowBlocks, mapRowBlocksByName, pairsByRule, rowsOfBlock, valueBeside } from '@metric-learning/ops'
import { unreachable } from './extreme.js'
import type { MinerInputs } from './metric-miner.js'

/** Values that are looked through one by one once it is known that the wanted one is among them; of many pairs more, so that there are fewer such. */
const stretchOf = (count: number): number => (count > 2 ** 22 ? 1024 : 256)

/** The kinds of pairs, by the sign of the numbers of their bins. */
const kinds = { positive: -1, negative: 1 } as const
type Sign = (typeof kinds)[keyof typeof kinds]

/**
 * Pairs that are drawn, as many from each bin of a histogram of their distances; positive and negative pairs have one each. Bins that are
 * empty give none. In a bin of more than 2^24 pairs a draw may miss, and gives none. By a rule, where [n, m] is larger than a block.
 *
 * @param drawn uniform integers: int32 [bins, draws of each]
 */
export function drawnFromBins({ distances, relations }: MinerInputs, drawn: Readonly<Record<keyof typeof kinds, tf.Tensor2D>>): PairSelection {
  const { queryCount, referenceCount, queryLabelTensor } = relations
  const numbers = binNumbers(distances(), relations, drawn.positive.shape[0])
  const [ofPositives, ofNegatives] = [drawPlaces(numbers, kinds.positive, drawn.positive), drawPlaces(numbers, kinds.negative, drawn.negative)]
  const weightsOf = (places: readonly tf.Tensor[], rows: number, start: number) => {
    const [positive, negative] = places.map((each) => countsAt(each as tf.Tensor1D, rows, referenceCount, start)) as [tf.Tensor2D, tf.Tensor2D]
    return { positive, negative }
  }
  if (rowsOfBlock(referenceCount) >= queryCount) return { kind: 'pairs', ...weightsOf([ofPositives, ofNegatives], queryCount, 0) }
  return pairsByRule({
    referenceCount,
    constants: [tf.clone(queryLabelTensor)],
    whole: [ofPositives, ofNegatives],
    weights: ({ constants: [rows], whole, start }) => weightsOf(whole, rows!.shape[0]!, start),
  })
}

/**
 * Places of pairs that are drawn, row by row, -1 where there is none: int32 [draws of all bins].
 *
 * @param numbers of the bins of pairs, as {@link binNumbers} gives them
 */
export function drawPlaces(numbers: tf.Tensor2D, sign: Sign, drawn: tf.Tensor2D): tf.Tensor1D {
  return tf.tidy(() => {
    const bins = drawn.shape[0]
    const stretch = stretchOf(numbers.size)
    const stretches = Math.ceil(numbers.size / stretch)
    // One stretch after the other, a row each.
    const padding = stretches * stretch - numbers.size
    const flat = tf.reshape<tf.Rank.R1>(numbers, [-1])
    const binOf = tf.reshape<tf.Rank.R2>(padding > 0 ? tf.pad(flat, [[0, padding]]) : flat, [stretches, stretch])
    // How many pairs of each bin there are up to each stretch.
    const counts = tf.transpose(countsByRow(binOf, sign, bins))
    const upTo = tf.cumsum<tf.Tensor2D>(counts, 1)
    const total = tf.slice(upTo, [0, stretches - 1], [bins, 1])
    // The pair of that number in the bin: its stretch, then its place in there.
    const number = tf.cast(tf.mod(drawn, tf.cast(tf.maximum(total, 1), 'int32')), 'float32') as tf.Tensor2D
    const at = tf.minimum<tf.Tensor2D>(countUpTo(upTo, number), tf.scalar(stretches - 1, 'int32'))
    const numberThere = tf.sub(number, gatherColumns(tf.sub(upTo, counts), at))
    const bin = tf.reshape(tf.range(sign, sign * (bins + 1), sign, 'int32'), [bins, 1])
    const isOfBin = tf.equal(tf.gather<tf.Tensor>(binOf, at), tf.expandDims(bin, 2))
    const countThere = tf.cumsum(tf.cast(isOfBin, 'float32'), 2)
    const place = tf.sum(tf.cast(tf.lessEqual(countThere, tf.expandDims(numberThere, 2)), 'int32'), 2)
    const pair = tf.minimum(tf.add(tf.mul(at, tf.scalar(stretch, 'int32')), place), tf.scalar(numbers.size - 1, 'int32'))
    // Not in a bin that is empty, nor in one of more than 2^24 pairs where their numbers, which are float32, miss it.
    const exists = tf.cast(tf.equal(tf.gather(flat, pair), bin), 'int32')
    return tf.reshape<tf.Rank.R1>(tf.sub(tf.mul(tf.add(pair, tf.scalar(1, 'int32')), exists), tf.scalar(1, 'int32')), [-1])
  })
}

/** How often each pair of some rows is among places: float32 [rows, columns]. */
function countsAt(places: tf.Tensor1D, rows: number, columns: number, start: number): tf.Tensor2D {
  return tf.tidy(() => {
    const size = rows * columns
    const there: tf.Tensor1D = tf.sub(places, tf.scalar(start * columns, 'int32'))
    const isThere = tf.logicalAnd(tf.greaterEqual(there, tf.scalar(0, 'int32')), tf.less(there, tf.scalar(size, 'int32')))
    const counts = tf.cast(tf.logicalAnd(isThere, tf.greaterEqual(places, tf.scalar(0, 'int32'))), 'float32') as tf.Tensor1D
    return tf.reshape(bincount(tf.clipByValue(there, 0, size - 1), counts, size), [rows, columns])
  })
}

/** How often each bin is in each row, some rows at a time: float32 [rows, bins]. */
function countsByRow(numbers: tf.Tensor2D, sign: Sign, bins: number): tf.Tensor2D {
  const size = rowsOfBlock(Math.max(bins, numbers.shape[1]))
  return mapRowBlocks<tf.Tensor>(size, [numbers], ([block]) => {
    const rows = block!.shape[0]!
    const rowStart = tf.mul(tf.expandDims(tf.range(0, rows, 1, 'int32'), 1), tf.scalar(bins, 'int32'))
    const number = tf.mul(block!, tf.scalar(sign, 'int32'))
    const isNumber = tf.cast(tf.greater(number, tf.scalar(0, 'int32')), 'float32')
    const places = tf.add(rowStart, tf.maximum(tf.sub(number, tf.scalar(1, 'int32')), tf.scalar(0, 'int32')))
    return tf.reshape(bincount(tf.reshape(places, [-1]), tf.reshape(isNumber, [-1]), rows * bins), [rows, bins])
  }) as tf.Tensor2D
}

/**
 * The bin of each pair, from 1 on, of equal width between smallest and largest distance of its kind, the last one with its upper bound: int32
 * [n, m]. Those of positive pairs with a minus, 0 for what is no pair.
 */
function binNumbers(distances: tf.Tensor2D, relations: MinerInputs['relations'], bins: number): tf.Tensor2D {
  return tf.tidy(() => {
    const size = rowsOfBlock(distances.shape[1])
    const { constants, whole, of } = relations.byBlocks()
    const masksOf = (labels: readonly tf.Tensor[]) => {
      const block = of({ constants: labels, whole })
      return { positive: block.positives(), negative: block.negatives() }
    }
    const extremes = mapRowBlocksByName<string>(size, [distances, ...constants], ([value, ...labels]) =>
      Object.fromEntries(Object.entries(masksOf(labels)).flatMap(([kind, mask]) => {
        const extremeBeside = (other: number, extreme: typeof tf.min) => tf.reshape(extreme(tf.where(tf.greater(mask, 0), value!, valueBeside(value!, other))), [1])
        return [[`${kind}, least`, extremeBeside(unreachable, tf.min)], [`${kind}, most`, extremeBeside(-unreachable, tf.max)]]
      })),
    )
    const ranges = Object.fromEntries(Object.keys(kinds).map((kind) => {
      const least = tf.min(extremes[`${kind}, least`]!)
      return [kind, { least, width: tf.maximum(tf.sub(tf.max(extremes[`${kind}, most`]!), least), 0) }]
    }))
    return mapRowBlocks<tf.Tensor>(size, [distances, ...constants], ([value, ...labels]) => {
      const masks = masksOf(labels)
      const ofKind = (kind: keyof typeof kinds) => {
        const share = divNoNan(tf.sub(value!, ranges[kind]!.least), ranges[kind]!.width)
        const number = tf.cast(tf.clipByValue(tf.floor(tf.mul(share, bins)), 0, bins - 1), 'int32')
        return tf.mul(tf.add(number, tf.scalar(1, 'int32')), tf.cast(tf.greater(masks[kind], 0), 'int32'))
      }
      return tf.sub(ofKind('negative'), ofKind('positive'))
    }) as tf.Tensor2D
  })
}
