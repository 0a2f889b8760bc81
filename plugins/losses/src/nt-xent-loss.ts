import * as tf from '@tensorflow/tfjs-core'
import { CosineSimilarity } from '@metric-learning/distances'
import { logOfZero, logSumExp, option, scalars } from '@metric-learning/ops'
import { MeanReducer } from '@metric-learning/reducers'
import { metricLoss, type OptionsOf } from './base/metric-loss.js'
import { constant } from './terms/by-anchor.js'
import { overPairs } from './terms/over-pairs.js'

/** Options of {@link NTXentLoss}. */
export type NTXentLossOptions = OptionsOf<typeof NTXentLoss>

/**
 * `-log( exp(s_ap / τ) / (exp(s_ap / τ) + Σ_n exp(s_an / τ)) )` for every positive pair, with the
 * negatives n of its anchor; a distance d counts as s = -d. Also known as InfoNCE.
 *
 * One term, `loss`, over pairs [n, m]. It is worked out as log(1 + exp(log Σ_n exp(s_an / τ) - s_ap / τ)),
 * which never saturates; other positives take no part. Default distance {@link CosineSimilarity}, default
 * reducer {@link MeanReducer}. Takes pairs, triplets (as their pairs) and reference sets. Memory O(n m), in blocks of
 * anchors beyond {@link blockBytes}.
 *
 * Chen et al.: A Simple Framework for Contrastive Learning of Visual Representations (ICML 2020), eq. 1, of any number of
 * positives; van den Oord et al.: Representation Learning with Contrastive Predictive Coding (2018), eq. 4.
 *
 * @formula -\log\frac{e^{s_{ap} / \tau}}{e^{s_{ap} / \tau} + \sum_n e^{s_{an} / \tau}}, \qquad \tau = \mathrm{temperature}
 * @useWhen Two views of each sample and no labels, in {@link SelfSupervisedLoss}. Large batches give it more
 *   negatives, which the first paper finds to help.
 * @throws {OptionError} when an option is unknown or out of range.
 */
export class NTXentLoss extends metricLoss({
  name: 'NTXentLoss',
  distance: () => new CosineSimilarity(),
  reducer: () => new MeanReducer(),
  byAnchor: 'pairs',
  labels: 'unlessSelected',
  compares: 'triplets',
  options: {
    /** Divides the similarities. Above 0. Default 0.07. May be scheduled. */
    temperature: option.number({ default: 0.07, above: 0 }),
    /**
     * Whether a negative pair that the selection holds more than once counts more than once in the sum
     * over negatives. Triplets repeat a negative for every positive of its anchor, and PyTorch Metric Learning
     * sums it as often; with false each negative counts once, in whatever form it is selected. Default false.
     */
    countRepeats: option.flag({ default: false }),
  },
  terms(inputs, { temperature, countRepeats }) {
    const { positive, negative } = inputs.pairs(countRepeats)
    const { isInverted } = inputs.distance
    const loss = overPairs(positive, { s: inputs.distances(), negatives: constant(negative) }, ({ s, negatives }) => {
      const logits = tf.div(s, isInverted ? temperature : scalars.neg(temperature))
      const ofNegatives = logSumExp(logits, negatives, { ofNone: logOfZero })
      return tf.softplus(tf.sub(tf.expandDims(ofNegatives, 1), logits))
    })
    return { loss }
  },
}) {}
