import * as tf from '@tensorflow/tfjs-core'
import { expectNumber, type LossTerms } from '@metric-learning/contracts'
import { expectDistance, LpDistance } from '@metric-learning/distances'
import { gatherColumns, identityMatrix, sumOver, withoutGradient } from '@metric-learning/ops'
import { MeanReducer } from '@metric-learning/reducers'
import { byAnchor } from './base/by-anchor.js'
import type { LossInputs } from './base/loss-inputs.js'
import { MetricLoss, type MetricLossOptions } from './base/metric-loss.js'
import { softHistogram } from './base/soft-histogram.js'

/** Options of {@link FastAPLoss}. */
export interface FastAPLossOptions extends MetricLossOptions {
  /** Into how many bins distances from 0 to their largest, 2^power, are sorted. Default 10. */
  readonly numBins?: number
}

/**
 * 1 - (1/N⁺) Σ_b h⁺_b H⁺_b / H_b for each embedding with a positive: one minus its average precision over
 * histograms of distances. h⁺_b are its N⁺ positives in bin b, counted softly; H⁺_b and H_b are the
 * positives and all others up to bin b.
 *
 * One term, `loss`, over elements [n]. Positives and negatives come from the labels; a selection makes
 * embeddings count less the less often they occur in it ({@link LossInputs.elementWeights}). The distance is
 * {@link LpDistance} of normalised embeddings with p = 2; default power 2. Default reducer
 * {@link MeanReducer}. No reference sets. Memory O(n²), in blocks of anchors beyond {@link blockBytes}.
 *
 * Cakir et al.: Deep Metric Learning to Rank (CVPR 2019), the FastAP loss.
 *
 * @throws {OptionError} when an option is unknown or out of range, or the distance is another.
 */
export class FastAPLoss extends MetricLoss {
  readonly numBins: number

  constructor(options: FastAPLossOptions = {}) {
    super('FastAPLoss', options, {
      options: ['numBins'],
      distance: () => new LpDistance({ power: 2 }),
      reducer: () => new MeanReducer(),
      takesReferences: false,
    })
    const { numBins = 10 } = options
    expectNumber(this.name, 'numBins', numBins, { min: 1, integer: true })
    expectDistance(this.name, this.distance, 'LpDistance', { normalizeEmbeddings: true, p: 2 })
    this.numBins = numBins
  }

  protected computeTerms(inputs: LossInputs): LossTerms {
    const { positiveIndex, positiveIndexMask, queryCount } = inputs.relations
    const others = tf.sub<tf.Tensor2D>(1, identityMatrix(queryCount))
    const distances = this.distance.matrix(inputs.embeddings)
    const nodes = { low: 0, width: 2 ** this.distance.power / this.numBins, nodes: this.numBins + 1 }
    const positivesAt = softHistogram(gatherColumns(distances, positiveIndex), positiveIndexMask, nodes)
    const positivesUpTo = tf.cumsum(positivesAt, 1)
    const othersAt = byAnchor(distances, [others], (own, counted) => softHistogram(own, counted, nodes))
    const othersUpTo = tf.cumsum(othersAt, 1)
    const isEmpty = withoutGradient(() => tf.sub(1, tf.step(othersUpTo)))
    const precisions = tf.div(tf.mul(positivesAt, positivesUpTo), tf.add(othersUpTo, isEmpty))
    const positives = withoutGradient(() => tf.sum(positiveIndexMask, 1))
    const averagePrecision = tf.div(sumOver(precisions, 1), tf.maximum(positives, 1))
    const counts = inputs.elementWeights()
    const loss = tf.sub(1, averagePrecision)
    return { loss: { over: 'element', values: counts ? tf.mul(loss, counts) : loss, weights: tf.step(positives) } }
  }
}
