import * as tf from '@tensorflow/tfjs-core'
import { expectFixedNumber, expectNumber, type LossTerms } from '@metric-learning/contracts'
import { expectDistance, LpDistance } from '@metric-learning/distances'
import { blockwise, divNoNan, gatherColumns, identityMatrix, rowsOfBlock, sumOver, tensorOf, withoutGradient, type Schedulable } from '@metric-learning/ops'
import { MeanReducer } from '@metric-learning/reducers'
import type { LossInputs } from './base/loss-inputs.js'
import { MetricLoss, type MetricLossOptions } from './base/metric-loss.js'
import { softHistogram, sumsBetweenNodes, type HistogramNodes } from './base/soft-histogram.js'
import { joinedWeights } from './base/triplet-weights.js'

/** Options of {@link DynamicSoftMarginLoss}. */
export interface DynamicSoftMarginLossOptions extends MetricLossOptions {
  /** The smallest d_ap - d_an that is told apart, below 0. Default -2, the smallest there is for normalised embeddings. */
  readonly minVal?: number
  /** Bins of the histogram, which reaches from `minVal` to its opposite. At least 2. Default 10. */
  readonly numBins?: number
  /** Share of the batch in the running histogram, in [0, 1]. The first batch has all of it. Default 0.01. May be scheduled. */
  readonly momentum?: Schedulable
  /**
   * Takes the histogram as a constant, as the paper's code does; PyTorch Metric Learning's gradient goes through
   * what the batch adds to it. Default false.
   */
  readonly detachHistogram?: boolean
}

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
 * @throws {OptionError} when an option is unknown or out of range, or the distance is another.
 */
export class DynamicSoftMarginLoss extends MetricLoss {
  readonly minVal: number
  readonly numBins: number
  readonly momentum: Schedulable
  readonly detachHistogram: boolean
  readonly #histogram: tf.Variable<tf.Rank.R1>

  constructor(options: DynamicSoftMarginLossOptions = {}) {
    super('DynamicSoftMarginLoss', options, {
      options: ['minVal', 'numBins', 'momentum', 'detachHistogram'],
      distance: () => new LpDistance(),
      reducer: () => new MeanReducer(),
      labels: 'optional',
    })
    const { minVal = -2, numBins = 10, momentum = 0.01, detachHistogram = false } = options
    expectFixedNumber(this.name, 'minVal', minVal, { max: -1e-6, hint: 'Triplets with a closer positive are below 0.' })
    expectNumber(this.name, 'numBins', numBins, { min: 2, integer: true })
    expectNumber(this.name, 'momentum', momentum, { min: 0, max: 1 })
    expectDistance(this.name, this.distance, 'LpDistance', { normalizeEmbeddings: true, p: 2 })
    this.minVal = minVal
    this.numBins = numBins
    this.momentum = momentum
    this.detachHistogram = detachHistogram
    this.#histogram = this.addBuffer('histogram', () => tf.zeros<tf.Rank.R1>([numBins]))
  }

  protected computeTerms(inputs: LossInputs): LossTerms {
    const { histogram: counts, sums, total } = inputs.isLabelled ? this.#ofTriplets(inputs) : this.#ofHardest(inputs)
    const histogram = this.#blended(this.detachHistogram ? withoutGradient(() => tf.clone(counts)) : counts)
    this.#histogram.assign(histogram)
    const weighed = tf.sum(tf.mul(tf.cumsum(histogram), sums))
    return { loss: { over: 'reduced', values: tf.mul(weighed, withoutGradient(() => divNoNan(tf.scalar(1), total))) } }
  }

  get #nodes(): HistogramNodes {
    return { low: this.minVal, width: (2 * Math.abs(this.minVal)) / this.numBins, nodes: this.numBins }
  }

  /** Of d(a, p) - d(a, n) of triplets, [n, k, m], in blocks of anchors. */
  #ofTriplets(inputs: LossInputs): DifferenceSums {
    const { positiveIndex, parts } = inputs.triplets()
    const distances = this.distance.matrix(inputs.embeddings, inputs.references)
    const rows = [gatherColumns(distances, positiveIndex), distances]
    // A histogram takes several tensors of the size of its values.
    const size = rowsOfBlock(4 * positiveIndex.shape[1] * inputs.references.shape[0])
    const sums = blockwise({ rows, constants: parts }, size, ({ rows: [toPositive, toAll], constants }) =>
      tf.expandDims(this.#sums(tf.sub(tf.expandDims(toPositive!, 2), tf.expandDims(toAll!, 1)), joinedWeights(constants)), 0),
    )
    return this.#parted(tf.sum(sums, 0))
  }

  /** The same of pairs by row and their hardest negatives: [max(n, m)]. */
  #ofHardest({ embeddings, references }: LossInputs): DifferenceSums {
    const distances = this.distance.matrix(embeddings, references)
    const [n, m] = distances.shape
    const count = Math.max(n, m)
    const pair = identityMatrix(n, m)
    const others = tf.add(distances, tf.mul(pair, farAway))
    const positive = paddedTo(count, tf.slice(sumOver(tf.mul(distances, pair), 1), 0, Math.min(n, m)))
    const negative = tf.minimum(paddedTo(count, tf.min(others, 0)), paddedTo(count, tf.min(others, 1)))
    const hasNegative = n > 1 || m > 1 ? 1 : 0
    return this.#parted(this.#sums(tf.mul(tf.sub(positive, negative), hasNegative), tf.fill([count], hasNegative)))
  }

  /** What the loss needs of some differences x with weights w: their histogram, Σ w x between nodes, Σ w, one after the other. */
  #sums(values: tf.Tensor, weights: tf.Tensor): tf.Tensor1D {
    const [x, w] = [tf.reshape(values, [1, -1]), tf.reshape(weights, [1, -1])] as [tf.Tensor2D, tf.Tensor2D]
    const histogram = tf.reshape<tf.Rank.R1>(softHistogram(x, w, this.#nodes), [-1])
    const total = tf.reshape<tf.Rank.R1>(withoutGradient(() => tf.sum(w)), [1])
    return tf.concat([histogram, sumsBetweenNodes(x, w, this.#nodes), total])
  }

  #parted(sums: tf.Tensor): DifferenceSums {
    const [histogram, ofDifferences, total] = tf.split(sums, [this.numBins, this.numBins, 1]) as [tf.Tensor1D, tf.Tensor1D, tf.Tensor1D]
    return { histogram, sums: ofDifferences, total: tf.reshape(total, []) }
  }

  /** The running histogram with this batch blended in; its sum is 1, or 0 when nothing has come yet. */
  #blended(counts: tf.Tensor1D): tf.Tensor1D {
    const isFirst = tf.sub(1, tf.step(tf.sum(this.#histogram)))
    const momentum = tf.maximum(tensorOf(this.momentum), isFirst)
    const blended = tf.add(tf.mul(this.#histogram, tf.sub(1, momentum)), tf.mul(counts, momentum))
    const total = tf.sum(blended)
    return tf.div(blended, tf.add(total, withoutGradient(() => tf.sub(1, tf.step(total)))))
  }
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
