import * as tf from '@tensorflow/tfjs-core'
import { expectFixedNumber, expectNumber, OptionError, type LossTerms } from '@metric-learning/contracts'
import { CosineSimilarity } from '@metric-learning/distances'
import { withoutGradient } from '@metric-learning/ops'
import { MeanReducer } from '@metric-learning/reducers'
import { isAbove } from './base/is-above.js'
import type { LossInputs } from './base/loss-inputs.js'
import { MetricLoss, type MetricLossOptions } from './base/metric-loss.js'
import { softHistogram } from './base/soft-histogram.js'

/** Options of {@link HistogramLoss}. */
export interface HistogramLossOptions extends MetricLossOptions {
  /** Into how many bins similarities from -1 to 1 are sorted. Default 100, or 2 / delta. */
  readonly nBins?: number
  /** Width of a bin. Default 2 / nBins. */
  readonly delta?: number
}

/**
 * Σ_r p⁻_r Σ_{q ≤ r} p⁺_q: the probability that a random negative pair is more similar than a random
 * positive one, estimated from histograms p⁺ and p⁻ of the similarities.
 *
 * One term, `loss`, reduced already. Each pair (i, j) counts once, in whatever order it is selected; pairs of
 * an anchor that lacks positives or negatives do not count. Similarities beyond 1 or -1, where rounding
 * takes them, count as that. Default distance {@link CosineSimilarity}; any symmetric similarity in
 * [-1, 1] will do. Takes pairs and triplets, no reference sets. Memory O(n²).
 *
 * Ustinova, Lempitsky: Learning Deep Embeddings with Histogram Loss (NIPS 2016), eq. 1, 2 and 5.
 *
 * @throws {OptionError} when an option is unknown or out of range, or `delta` is not 2 / `nBins`.
 */
export class HistogramLoss extends MetricLoss {
  readonly delta: number

  constructor(options: HistogramLossOptions = {}) {
    super('HistogramLoss', options, {
      options: ['nBins', 'delta'],
      distance: () => new CosineSimilarity(),
      reducer: () => new MeanReducer(),
      takesReferences: false,
      labels: 'unlessSelected',
    })
    const { nBins, delta = 2 / (nBins ?? 100) } = options
    if (nBins !== undefined) expectNumber(this.name, 'nBins', nBins, { min: 1, integer: true })
    expectFixedNumber(this.name, 'delta', delta, { min: 0, exclusiveMin: true, max: 2 })
    if (nBins !== undefined && delta !== 2 / nBins) {
      throw new OptionError({ who: this.name, wanted: '`delta` to be 2 / `nBins`', got: `${delta} with ${nBins} bins`, fix: 'Pass one of them.' })
    }
    this.delta = delta
  }

  protected computeTerms(inputs: LossInputs): LossTerms {
    const { positive, negative } = inputs.pairMasks()
    const similarities = this.distance.matrix(inputs.embeddings)
    const positives = this.#density(similarities, ofCompleteAnchors(positive, negative))
    const negatives = this.#density(similarities, ofCompleteAnchors(negative, positive))
    return { loss: { over: 'reduced', values: tf.sum(tf.mul(negatives, tf.cumsum(positives))) } }
  }

  /** The share of pairs at each node: float32 [nodes]. All 0 when there are no pairs. */
  #density(similarities: tf.Tensor2D, pairs: tf.Tensor2D): tf.Tensor1D {
    const asRow = (matrix: tf.Tensor2D) => tf.reshape<tf.Rank.R2>(matrix, [1, -1])
    const nodes = { low: -1, width: this.delta, nodes: Math.round(1 + 2 / this.delta) }
    const counts = tf.squeeze<tf.Tensor1D>(softHistogram(asRow(similarities), asRow(pairs), nodes), [0])
    return tf.div(counts, withoutGradient(() => tf.maximum(tf.sum(pairs), 1)))
  }
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
