import * as tf from '@tensorflow/tfjs-core'
import { CosineSimilarity } from '@metric-learning/distances'
import { option, scalars, sumOver, withoutGradient, type FormulaNumber } from '@metric-learning/ops'
import { MeanReducer, weightedMean } from '@metric-learning/reducers'
import { metricLoss, type OptionsOf } from './base/metric-loss.js'
import { classMembers, softRanks } from './terms/soft-ranks.js'
import { reduced } from './terms/over-elements.js'

/** How {@link PNPLoss} penalises R negatives before a positive. */
export type PNPVariant = 'O' | 'Ds' | 'Dq' | 'Iu' | 'Ib'

const penalties: Readonly<Record<PNPVariant, (r: tf.Tensor, b: FormulaNumber, alpha: FormulaNumber) => tf.Tensor>> = {
  O: (r) => r,
  Ds: (r) => tf.log1p(r),
  Dq: (r, _b, alpha) => tf.sub(1, tf.exp(tf.mul(tf.log1p(r), scalars.neg(alpha)))),
  Iu: (r) => tf.mul(tf.add(r, 1), tf.log1p(r)),
  Ib: (r, b) => tf.div(tf.sub(tf.mul(r, b), tf.log1p(tf.mul(r, b))), scalars.mul(b, b)),
}

/** Options of {@link PNPLoss}. */
export type PNPLossOptions = OptionsOf<typeof PNPLoss>

/**
 * The mean penalty for the negatives ranked before a positive: f(R_qi), where `R_qi = Σ_n sigmoid((s_qn -
 * s_qi) / anneal)` counts negatives n of the query q that are more similar to it than its positive i.
 *
 * The mean is over the positives of a query, itself included, then over the queries that have another.
 * One term, `loss`, reduced already; without positives 0. The distance is {@link CosineSimilarity} and no
 * other. Positives and negatives come from the labels: neither selections nor reference sets.
 * Memory O(n² k), where k is the size of the largest class.
 *
 * Li et al.: Rethinking the Optimization of Average Precision (AAAI 2022), the losses PNP-O, -D_s, -D_q, -I_u and -I_b.
 *
 * @formula R_{qi} = \sum_n \mathrm{sigmoid}\Bigl(\frac{s_{qn} - s_{qi}}{\mathrm{anneal}}\Bigr)
 * @useWhen Retrieval that is judged by average precision: only negatives that are ranked before a positive cost. The
 *   farther back a positive is, the less `Ds` and `Dq` push it, and the more `Iu` and `Ib` do.
 * @throws {OptionError} when an option is unknown or out of range, or the distance is another.
 */
export class PNPLoss extends metricLoss({
  name: 'PNPLoss',
  distance: () => new CosineSimilarity(),
  onlyDistance: true,
  reducer: () => new MeanReducer(),
  takesReferences: false,
  takesSelections: false,
  compares: 'batch',
  options: {
    /** `O`: R. `Ds`: log(1 + R). `Dq`: 1 - (1 + R)^-alpha. `Iu`: (1 + R) log(1 + R). `Ib`: (b R - log(1 + b R)) / b². Default `O`. */
    variant: option.oneOf(['O', 'Ds', 'Dq', 'Iu', 'Ib'], { default: 'O' }),
    /** The b of `Ib`. Above 0. Default 2. May be scheduled. */
    b: option.number({ default: 2, above: 0 }),
    /** The exponent of `Dq`. Above 0. Default 1. May be scheduled. */
    alpha: option.number({ default: 1, above: 0 }),
    /** Temperature of the sigmoid that counts negatives. Above 0. Default 0.01. May be scheduled. */
    anneal: option.number({ default: 0.01, above: 0 }),
  },
  terms(inputs, { variant, b, alpha, anneal }) {
    const { index, mask } = classMembers(inputs.relations)
    const negativesBefore = softRanks(inputs.distances(), index, inputs.relations.negatives(), anneal)
    const penalty = penalties[variant](negativesBefore, b, alpha)
    const members = withoutGradient(() => tf.sum(mask, 1))
    const ofQuery = tf.div<tf.Tensor1D>(sumOver(tf.mul(penalty, mask), 1), members)
    const hasOther = withoutGradient(() => tf.step(tf.sub(members, 1)))
    return { loss: reduced(weightedMean(ofQuery, hasOther)) }
  },
}) {}
