import * as tf from '@tensorflow/tfjs-core'
import { CosineSimilarity } from '@metric-learning/distances'
import { divNoNan, isAbove, logSumExp, option, scalars, sumOver, withoutGradient } from '@metric-learning/ops'
import { AvgNonZeroReducer } from '@metric-learning/reducers'
import { metricLoss, type OptionsOf } from './base/metric-loss.js'
import { byAnchor, constant } from './terms/by-anchor.js'
import { overElements } from './terms/over-elements.js'

/** Options of {@link SupConLoss}. */
export type SupConLossOptions = OptionsOf<typeof SupConLoss>

/**
 * For each anchor the mean over its positives p of `-log( exp(s_ap / τ) / Σ_j exp(s_aj / τ) )`, where j
 * runs over the positives and the negatives of the anchor; a distance d counts as s = -d.
 *
 * One term, `loss`, over elements [n]. An anchor without positives gives 0, which the default reducer
 * {@link AvgNonZeroReducer} leaves out; so does a selection without positives or without negatives.
 * Default distance {@link CosineSimilarity}. Takes pairs, triplets (as their pairs) and reference sets;
 * a pair counts once, however often it is selected. Memory O(n m), in blocks of anchors beyond {@link blockBytes}.
 *
 * Khosla et al.: Supervised Contrastive Learning (NeurIPS 2020), eq. 2.
 *
 * @formula -\log\frac{e^{s_{ap} / \tau}}{\sum_j e^{s_{aj} / \tau}}, \qquad \tau = \mathrm{temperature}
 * @useWhen Pretraining with labels: {@link NTXentLoss} with all samples of a class as positives of each other.
 * @throws {OptionError} when an option is unknown or out of range.
 */
export class SupConLoss extends metricLoss({
  name: 'SupConLoss',
  distance: () => new CosineSimilarity(),
  reducer: () => new AvgNonZeroReducer(),
  labels: 'unlessSelected',
  compares: 'bothPairs',
  options: {
    /** Divides the similarities. Above 0. Default 0.1. May be scheduled. */
    temperature: option.number({ default: 0.1, above: 0 }),
  },
  terms(inputs, { temperature }) {
    const { positive, negative } = inputs.pairMasks()
    const counts = withoutGradient(() => tf.sum(positive, 1))
    const { isInverted } = inputs.distance
    const operands = { s: inputs.distances(), positives: constant(positive), negatives: constant(negative), count: constant(counts) }
    const values = byAnchor(operands, ({ s, positives, negatives, count }) => {
      const logits = tf.div(s, isInverted ? temperature : scalars.neg(temperature))
      const ofAll = logSumExp(logits, withoutGradient(() => tf.add(positives, negatives)))
      const ofPositives = tf.mul(sumOver(tf.mul(positives, logits), 1), withoutGradient(() => divNoNan(tf.scalar(1), count)))
      return tf.sub(tf.mul(ofAll, withoutGradient(() => isAbove(count, 0))), ofPositives)
    })
    const hasBoth = withoutGradient(() => tf.mul(isAbove(tf.max(counts), 0), tf.max(negative)))
    return { loss: overElements(values, { weights: tf.mul(tf.ones(values.shape), hasBoth) }) }
  },
}) {}
