import * as tf from '@tensorflow/tfjs-core'
import { LpDistance } from '@metric-learning/distances'
import { isAbove, option, scalars, sumOver, withoutGradient, type FormulaNumber } from '@metric-learning/ops'
import { MeanReducer } from '@metric-learning/reducers'
import { metricLoss, type OptionsOf } from './base/metric-loss.js'
import { byAnchor, constant } from './terms/by-anchor.js'
import { overElements } from './terms/over-elements.js'

/** Options of {@link RankedListLoss}. */
export type RankedListLossOptions = OptionsOf<typeof RankedListLoss>

/**
 * `(1 - λ) L⁺ + λ L⁻` for each embedding, with λ the imbalance. Over positives farther than α - margin
 * `L⁺ = Σ_p w_p v_p / Σ_p w_p, v_p = d_p - (α - margin), w_p = exp(Tp v_p)`, and over negatives closer than α
 * `L⁻ = Σ_n w_n v_n / Σ_n w_n, v_n = α - d_n, w_n = exp(Tn v_n)`. The weights carry a gradient.
 *
 * One term, `loss`, over elements [n]; to the sum of the weights 1e-5 is added for each embedding of the
 * batch. Embeddings at distance 0 do not count. Positives and negatives come from the labels: neither
 * selections nor reference sets. Default distance {@link LpDistance}; similarities make no sense. Default
 * reducer {@link MeanReducer}. Memory O(n²), in blocks of anchors beyond {@link blockBytes}.
 *
 * Wang et al.: Ranked List Loss for Deep Metric Learning (CVPR 2019), with a temperature for positives as in PyTorch Metric
 * Learning.
 *
 * @formula (1 - \lambda) L^+ + \lambda L^-
 * @formula L^+ = \frac{\sum_p w_p v_p}{\sum_p w_p}, \quad v_p = d_p - (\alpha - \mathrm{margin}), \quad w_p = e^{T_p v_p}
 * @formula L^- = \frac{\sum_n w_n v_n}{\sum_n w_n}, \quad v_n = \alpha - d_n, \quad w_n = e^{T_n v_n}
 * @useWhen Classes that should keep some spread: positives are drawn to within `alpha - margin` and no nearer, and
 *   all negatives nearer than `alpha` count.
 * @throws {OptionError} when an option is unknown, missing or out of range.
 */
export class RankedListLoss extends metricLoss({
  name: 'RankedListLoss',
  distance: () => new LpDistance(),
  reducer: () => new MeanReducer(),
  takesReferences: false,
  takesSelections: false,
  options: {
    /** The gap between positives and negatives. In units of the distance. May be scheduled. */
    margin: option.number({}),
    /** Temperature of the negatives: how much more the closer ones count. At least 0. May be scheduled. */
    Tn: option.number({ min: 0 }),
    /** Temperature of the positives: how much more the farther ones count. Default 0: all alike. May be scheduled. */
    Tp: option.number({ default: 0, min: 0 }),
    /** Share of the negatives in the loss, in [0, 1]. Default 0.5. May be scheduled. */
    imbalance: option.number({ default: 0.5, min: 0, max: 1 }),
    /** The distance that negatives should have. Default 1 + margin / 2, also of a margin that changes. May be scheduled. */
    alpha: option.number({ optional: true }),
  },
  terms(inputs, { margin, Tn, Tp, imbalance, alpha }) {
    const { relations } = inputs
    const operands = { d: inputs.distances(), positives: constant(relations.positives()), negatives: constant(relations.negatives()) }
    const values = byAnchor(operands, ({ d, positives, negatives }) => {
      const bound = alpha ?? scalars.add(1, scalars.div(margin, 2))
      const beyond = tf.sub(d, scalars.sub(bound, margin))
      const within = tf.sub(bound, d)
      const counted = withoutGradient(() => isAbove(d, 0))
      const pull = weightedViolation(beyond, tf.mul(positives, counted), Tp)
      const push = weightedViolation(within, tf.mul(negatives, counted), Tn)
      return tf.add(tf.mul(pull, scalars.sub(1, imbalance)), tf.mul(push, imbalance))
    })
    return { loss: overElements(values) }
  },
}) {}

/**
 * Σ_j w_j v_j / Σ_j (w_j + 1e-5) of each row over the violations v above 0, with w = exp(temperature · v): float32 [n].
 * Both sums are divided by the largest weight, so that neither overflows.
 */
function weightedViolation(violations: tf.Tensor, pairs: tf.Tensor, temperature: FormulaNumber): tf.Tensor {
  const violated = withoutGradient(() => tf.mul(pairs, isAbove(violations, 0)))
  const kept = tf.mul(violations, violated)
  const exponents = tf.mul(kept, temperature)
  const largest = withoutGradient(() => tf.max(exponents, 1, true))
  const weights = tf.mul(violated, tf.exp(tf.sub(exponents, largest)))
  const constantPart = tf.mul(tf.exp(tf.neg(tf.squeeze(largest, [1]))), 1e-5 * violations.shape[1]!)
  return tf.div(sumOver(tf.mul(weights, kept), 1), tf.add(sumOver(weights, 1), constantPart))
}
