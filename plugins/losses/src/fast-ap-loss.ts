import * as tf from '@tensorflow/tfjs-core'
import { LpDistance } from '@metric-learning/distances'
import { gatherColumns, identityMatrix, option, sumOver, withoutGradient } from '@metric-learning/ops'
import { MeanReducer } from '@metric-learning/reducers'
import { metricLoss, type OptionsOf } from './base/metric-loss.js'
import { softHistogram } from './numerics/soft-histogram.js'
import { byAnchor, constant } from './terms/by-anchor.js'
import { overElements, weighed } from './terms/over-elements.js'

/** Options of {@link FastAPLoss}. */
export type FastAPLossOptions = OptionsOf<typeof FastAPLoss>

/**
 * `1 - (1/N⁺) Σ_b h⁺_b H⁺_b / H_b` for each embedding with a positive: one minus its average precision over
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
 * @formula 1 - \frac{1}{N^+} \sum_b \frac{h^+_b \, H^+_b}{H_b}
 * @useWhen Retrieval that is judged by average precision. It ranks the whole batch, so that large batches suit it.
 * @throws {OptionError} when an option is unknown or out of range, or the distance is another.
 */
export class FastAPLoss extends metricLoss({
  name: 'FastAPLoss',
  distance: () => new LpDistance({ power: 2 }),
  onlyDistance: { normalizeEmbeddings: true, p: 2 },
  reducer: () => new MeanReducer(),
  takesReferences: false,
  compares: 'batch',
  options: {
    /** Into how many bins distances from 0 to their largest, 2^power, are sorted. Default 10. */
    numBins: option.integer({ default: 10, min: 1 }),
  },
  terms(inputs, { numBins }) {
    const { positiveIndex, positiveIndexMask, queryCount } = inputs.relations
    const others = tf.sub<tf.Tensor2D>(1, identityMatrix(queryCount))
    const distances = inputs.distances()
    const nodes = { low: 0, width: 2 ** inputs.distance.power / numBins, nodes: numBins + 1 }
    const positivesAt = softHistogram(gatherColumns(distances, positiveIndex), positiveIndexMask, nodes)
    const positivesUpTo = tf.cumsum(positivesAt, 1)
    const othersAt = byAnchor({ d: distances, counted: constant(others) }, ({ d, counted }) => softHistogram(d as tf.Tensor2D, counted as tf.Tensor2D, nodes))
    const othersUpTo = tf.cumsum(othersAt, 1)
    const isEmpty = withoutGradient(() => tf.sub(1, tf.step(othersUpTo)))
    const precisions = tf.div(tf.mul(positivesAt, positivesUpTo), tf.add(othersUpTo, isEmpty))
    const positives = withoutGradient(() => tf.sum(positiveIndexMask, 1))
    const averagePrecision = tf.div(sumOver(precisions, 1), tf.maximum(positives, 1))
    return { loss: overElements(weighed(tf.sub(1, averagePrecision), inputs.elementWeights()), { weights: tf.step(positives) }) }
  },
}) {}
