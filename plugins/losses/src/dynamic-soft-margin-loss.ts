import * as tf from '@tensorflow/tfjs-core'
import { LpDistance } from '@metric-learning/distances'
import { divNoNan, identityMatrix, option, sumOver, withoutGradient, type FormulaNumber } from '@metric-learning/ops'
import { MeanReducer } from '@metric-learning/reducers'
import type { LossInputs } from './base/loss-inputs.js'
import { metricLoss, type OptionsOf } from './base/metric-loss.js'
import { softHistogram, sumsBetweenNodes, type HistogramNodes } from './numerics/soft-histogram.js'
import { reduced } from './terms/over-elements.js'
import { foldTriplets } from './terms/over-triplets.js'

/** Options of {@link DynamicSoftMarginLoss}. */
export type DynamicSoftMarginLossOptions = OptionsOf<typeof DynamicSoftMarginLoss>

/**
 * The mean of CDF(x) x over x = d(a, p) - d(a, n), where CDF is the share of x so far that were smaller: a
 * triplet counts by how hard it is among all seen.
 *
 * With labels x runs over all triplets, or those selected. Without labels row i of the embeddings and row i of
 * the references are a positive pair, and the negative of each is the closest of all others in its row or
 * column of the distance matrix; rows that lack a partner count as x = 0.
 *
 * One term, `loss`, reduced already. The running histogram is the buffer `histogram`, float32 [numBins]: each
 * call blends the batch into it and then reads it; no gradient goes through earlier batches. Values beyond the
 * last node count there. The distance is {@link LpDistance} of normalised embeddings with p = 2, any power. Memory
 * O(n k m) with labels, in blocks of anchors beyond {@link blockBytes}, else O(n m).
 *
 * Zhang, Rusinkiewicz: Learning Local Descriptors With a CDF-Based Dynamic Soft Margin (ICCV 2019), in the form of
 * PyTorch Metric Learning, which adds labels to it.
 *
 * @formula \frac{1}{N} \sum_x \mathrm{CDF}(x) \, x, \qquad x = d(a, p) - d(a, n)
 * @useWhen Pairs in rows, such as descriptors of image patches, where no margin is to be tuned: each triplet weighs
 *   by how many before it were easier.
 * @throws {OptionError} when an option is unknown or out of range, or the distance is another.
 */
export class DynamicSoftMarginLoss extends metricLoss({
  name: 'DynamicSoftMarginLoss',
  distance: () => new LpDistance(),
  onlyDistance: { normalizeEmbeddings: true, p: 2 },
  reducer: () => new MeanReducer(),
  labels: 'optional',
  compares: 'triplets',
  options: {
    /** The smallest d_ap - d_an that is told apart, at most -1e-6. Default -2, the smallest there is for normalised embeddings. */
    minVal: option.fixedNumber({ default: -2, max: -1e-6, hint: 'Triplets with a closer positive are below 0.' }),
    /** Bins of the histogram, which reaches from `minVal` to its opposite. At least 2. Default 10. */
    numBins: option.integer({ default: 10, min: 2 }),
    /** Share of the batch in the running histogram, in [0, 1]. The first batch has all of it. Default 0.01. May be scheduled. */
    momentum: option.number({ default: 0.01, min: 0, max: 1 }),
    /**
     * Takes the histogram as a constant, as the paper's code does; PyTorch Metric Learning's gradient goes through
     * what the batch adds to it. Default false.
     */
    detachHistogram: option.flag({ default: false }),
  },
  buffers: ({ numBins }) => ({ histogram: () => tf.zeros<tf.Rank.R1>([numBins]) }),
  terms(inputs, { minVal, numBins, momentum, detachHistogram }, { histogram: running }) {
    const nodes = { low: minVal, width: (2 * Math.abs(minVal)) / numBins, nodes: numBins }
    const { histogram, sums, total } = inputs.isLabelled ? ofTriplets(inputs, nodes) : ofHardest(inputs, nodes)
    const counts = detachHistogram ? withoutGradient(() => tf.clone(histogram)) : histogram
    const blended = blend(running, counts, momentum)
    running.assign(blended)
    const loss = tf.sum(tf.mul(tf.cumsum(blended), sums))
    return { loss: reduced(tf.mul(loss, withoutGradient(() => divNoNan(tf.scalar(1), total)))) }
  },
}) {}

/** Of d(a, p) - d(a, n) of triplets, [n, k, m]. */
function ofTriplets(inputs: LossInputs, nodes: HistogramNodes): DifferenceSums {
  // A histogram takes several tensors of the size of its values.
  const sums = foldTriplets(
    inputs.triplets(),
    { distances: inputs },
    ({ ap, an, weights }) => tf.expandDims(sumsOf(tf.sub(ap, an), weights, nodes), 0),
    4,
  )
  return parted(tf.sum(sums, 0), nodes)
}

/** The same of pairs by row and their hardest negatives: [max(n, m)]. */
function ofHardest(inputs: LossInputs, nodes: HistogramNodes): DifferenceSums {
  const distances = inputs.distances()
  const [n, m] = distances.shape
  const count = Math.max(n, m)
  const pair = identityMatrix(n, m)
  const others = tf.add(distances, tf.mul(pair, farAway))
  const positive = paddedTo(count, tf.slice(sumOver(tf.mul(distances, pair), 1), 0, Math.min(n, m)))
  const negative = tf.minimum(paddedTo(count, tf.min(others, 0)), paddedTo(count, tf.min(others, 1)))
  const hasNegative = n > 1 || m > 1 ? 1 : 0
  return parted(sumsOf(tf.mul(tf.sub(positive, negative), hasNegative), tf.fill([count], hasNegative), nodes), nodes)
}

/** What the loss needs of some differences x with weights w: their histogram, Σ w x between nodes, Σ w, one after the other. */
function sumsOf(values: tf.Tensor, weights: tf.Tensor, nodes: HistogramNodes): tf.Tensor1D {
  const [x, w] = [tf.reshape(values, [1, -1]), tf.reshape(weights, [1, -1])] as [tf.Tensor2D, tf.Tensor2D]
  const histogram = tf.reshape<tf.Rank.R1>(softHistogram(x, w, nodes), [-1])
  const total = tf.reshape<tf.Rank.R1>(withoutGradient(() => tf.sum(w)), [1])
  return tf.concat([histogram, sumsBetweenNodes(x, w, nodes), total])
}

function parted(sums: tf.Tensor, { nodes }: HistogramNodes): DifferenceSums {
  const [histogram, ofDifferences, total] = tf.split(sums, [nodes, nodes, 1]) as [tf.Tensor1D, tf.Tensor1D, tf.Tensor1D]
  return { histogram, sums: ofDifferences, total: tf.reshape(total, []) }
}

/** The running histogram with a batch blended in; its sum is 1, or 0 when nothing has come yet. */
function blend(running: tf.Tensor1D, counts: tf.Tensor1D, momentum: FormulaNumber): tf.Tensor1D {
  const isFirst = tf.sub(1, tf.step(tf.sum(running)))
  const share = tf.maximum(momentum, isFirst)
  const blended = tf.add(tf.mul(running, tf.sub(1, share)), tf.mul(counts, share))
  const total = tf.sum(blended)
  return tf.div(blended, tf.add(total, withoutGradient(() => tf.sub(1, tf.step(total)))))
}

/** Of all differences x with weights w. */
interface DifferenceSums {
  /** float32 [numBins] */
  readonly histogram: tf.Tensor1D
  /** Σ w x of those from each node to the next: float32 [numBins]. */
  readonly sums: tf.Tensor1D
  /** Σ w: float32 []. */
  readonly total: tf.Scalar
}

/** Farther than any distance of normalised embeddings. */
const farAway = 1e6

const paddedTo = (count: number, rows: tf.Tensor): tf.Tensor => tf.pad(rows, [[0, count - rows.shape[0]!]])
