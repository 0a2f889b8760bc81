import * as tf from '@tensorflow/tfjs-core'
import { OptionError } from '@metric-learning/contracts'
import { CosineSimilarity } from '@metric-learning/distances'
import { isAbove, option, withoutGradient } from '@metric-learning/ops'
import { MeanReducer } from '@metric-learning/reducers'
import { metricLoss, type OptionsOf } from './base/metric-loss.js'
import { softHistogram, type HistogramNodes } from './numerics/soft-histogram.js'
import { reduced } from './terms/over-elements.js'

/** Options of {@link HistogramLoss}. */
export type HistogramLossOptions = OptionsOf<typeof HistogramLoss>

/**
 * `Σ_r p⁻_r Σ_{q ≤ r} p⁺_q`: the probability that a random negative pair is more similar than a random
 * positive one, estimated from histograms p⁺ and p⁻ of the similarities.
 *
 * One term, `loss`, reduced already. Each pair (i, j) counts once, in whatever order it is selected; pairs of
 * an anchor that lacks positives or negatives do not count. Similarities beyond 1 or -1, where rounding
 * takes them, count as that. Default distance {@link CosineSimilarity}; any symmetric similarity in
 * [-1, 1] will do. Takes pairs and triplets, no reference sets. Memory O(n²).
 *
 * Ustinova, Lempitsky: Learning Deep Embeddings with Histogram Loss (NIPS 2016), eq. 1, 2 and 5.
 *
 * @formula \sum_r p^-_r \sum_{q \le r} p^+_q
 * @useWhen Where nothing is to be tuned: it has no margin, only bins. Histograms are estimates, so that batches
 *   should have many pairs of either kind.
 * @throws {OptionError} when an option is unknown or out of range, or `delta` is not 2 / `nBins`.
 */
export class HistogramLoss extends metricLoss({
  name: 'HistogramLoss',
  distance: () => new CosineSimilarity(),
  reducer: () => new MeanReducer(),
  takesReferences: false,
  labels: 'unlessSelected',
  compares: 'triplets',
  options: {
    /** Into how many bins similarities from -1 to 1 are sorted. Default 100, or 2 / delta. */
    nBins: option.integer({ optional: true, min: 1 }),
    /** Width of a bin. Default 2 / nBins. */
    delta: option.fixedNumber({ optional: true, above: 0, max: 2 }),
  },
  checkOptions(who, { nBins, delta }) {
    if (nBins === undefined || delta === undefined || delta === 2 / nBins) return
    throw new OptionError({ who, wanted: '`delta` to be 2 / `nBins`', got: `${delta} with ${nBins} bins`, fix: 'Pass one of them.' })
  },
  terms(inputs, { nBins = 100, delta = 2 / nBins }) {
    const { positive, negative } = inputs.pairMasks()
    const nodes = { low: -1, width: delta, nodes: Math.round(1 + 2 / delta) }
    const positives = density(inputs.distances(), ofCompleteAnchors(positive, negative), nodes)
    const negatives = density(inputs.distances(), ofCompleteAnchors(negative, positive), nodes)
    return { loss: reduced(tf.sum(tf.mul(negatives, tf.cumsum(positives)))) }
  },
}) {}

/** The share of pairs at each node: float32 [nodes]. All 0 when there are no pairs. */
function density(similarities: tf.Tensor2D, pairs: tf.Tensor2D, nodes: HistogramNodes): tf.Tensor1D {
  const asRow = (matrix: tf.Tensor2D) => tf.reshape<tf.Rank.R2>(matrix, [1, -1])
  const counts = tf.squeeze<tf.Tensor1D>(softHistogram(asRow(similarities), asRow(pairs), nodes), [0])
  return tf.div(counts, withoutGradient(() => tf.maximum(tf.sum(pairs), 1)))
}

/** Pairs of anchors that have pairs of the other kind too, each once: the upper triangle of a symmetric mask. */
function ofCompleteAnchors(pairs: tf.Tensor2D, otherPairs: tf.Tensor2D): tf.Tensor2D {
  return withoutGradient(() => {
    const complete = tf.mul<tf.Tensor2D>(pairs, tf.max(otherPairs, 1, true))
    const rows = tf.range(0, pairs.shape[0])
    const isUpper = tf.greaterEqual(rows, tf.expandDims(rows, 1))
    return tf.mul<tf.Tensor2D>(isAbove(tf.add(complete, tf.transpose(complete)), 0), tf.cast(isUpper, 'float32'))
  })
}
