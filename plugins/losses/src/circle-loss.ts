import * as tf from '@tensorflow/tfjs-core'
import { CosineSimilarity } from '@metric-learning/distances'
import { logSumExp, option, scalars, withoutGradient } from '@metric-learning/ops'
import { AvgNonZeroReducer } from '@metric-learning/reducers'
import { metricLoss, type OptionsOf } from './base/metric-loss.js'
import { byAnchor, constant } from './terms/by-anchor.js'
import { overElements } from './terms/over-elements.js'

/** Options of {@link CircleLoss}. */
export type CircleLossOptions = OptionsOf<typeof CircleLoss>

/**
 * `softplus( log Σ_p exp(-γ α_p (s_p - 1 + m)) + log Σ_n exp(γ α_n (s_n - m)) )` for each anchor, with
 * cosines s and the constants `α_p = max(0, 1 + m - s_p), α_n = max(0, s_n + m)`.
 *
 * One term, `loss`, over elements [n]. An anchor that lacks positives or negatives gives 0, which the
 * default reducer {@link AvgNonZeroReducer} leaves out. The distance is {@link CosineSimilarity} and no
 * other. Takes pairs, triplets (as their pairs) and reference sets; a pair counts once, however often
 * it is selected. Memory O(n m), in blocks of anchors beyond {@link blockBytes}.
 *
 * Sun et al.: Circle Loss (CVPR 2020), eq. 5 and 6.
 *
 * @formula \mathrm{softplus}\Bigl(\log\sum_p e^{-\gamma \alpha_p (s_p - 1 + m)} + \log\sum_n e^{\gamma \alpha_n (s_n - m)}\Bigr)
 * @formula \alpha_p = \max(0,\; 1 + m - s_p), \qquad \alpha_n = \max(0,\; s_n + m)
 * @useWhen Pairs of cosines that should not all be drawn at the same pace: the farther a pair is from where it should
 *   be, the more it weighs.
 * @throws {OptionError} when an option is unknown or out of range, or the distance is another.
 */
export class CircleLoss extends metricLoss({
  name: 'CircleLoss',
  distance: () => new CosineSimilarity(),
  onlyDistance: true,
  reducer: () => new AvgNonZeroReducer(),
  byAnchor: 'pairs',
  labels: 'unlessSelected',
  compares: 'triplets',
  options: {
    /**
     * The relaxation: positives are to reach the cosine 1 - m, negatives m. In [0, 1]; the paper takes 0.25 for
     * faces and persons, 0.4 for fine-grained retrieval. Default 0.4. May be scheduled.
     */
    m: option.number({ default: 0.4, min: 0, max: 1 }),
    /** The scale of the similarities. Above 0; the paper takes 256, 128 and 80 for these. Default 80. May be scheduled. */
    gamma: option.number({ default: 80, above: 0 }),
  },
  terms(inputs, { m, gamma }) {
    const { positive, negative } = inputs.pairMasks()
    const operands = { s: inputs.distances(), positives: constant(positive), negatives: constant(negative) }
    const values = byAnchor(operands, ({ s, positives, negatives }) => {
      const ofPositives = withoutGradient(() => tf.mul(tf.relu(tf.sub(scalars.add(1, m), s)), scalars.neg(gamma)))
      const ofNegatives = withoutGradient(() => tf.mul(tf.relu(tf.add(s, m)), gamma))
      const pull = logSumExp(tf.mul(ofPositives, tf.sub(s, scalars.sub(1, m))), positives)
      const push = logSumExp(tf.mul(ofNegatives, tf.sub(s, m)), negatives)
      const hasBoth = withoutGradient(() => tf.mul(tf.max(positives, 1), tf.max(negatives, 1)))
      return tf.mul(tf.softplus(tf.add(pull, push)), hasBoth)
    })
    return { loss: overElements(values) }
  },
}) {}
