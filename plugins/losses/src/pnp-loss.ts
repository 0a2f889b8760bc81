import * as tf from '@tensorflow/tfjs-core'
import { expectNumber, OptionError, type LossTerms } from '@metric-learning/contracts'
import { CosineSimilarity, expectDistance } from '@metric-learning/distances'
import { scalars, sumOver, tensorOf, withoutGradient, type Schedulable } from '@metric-learning/ops'
import { MeanReducer, weightedMean } from '@metric-learning/reducers'
import type { LossInputs } from './base/loss-inputs.js'
import { MetricLoss, type MetricLossOptions } from './base/metric-loss.js'
import { classMembers, softRanks } from './base/soft-ranks.js'

/** How {@link PNPLoss} penalises R negatives before a positive. */
export type PNPVariant = 'O' | 'Ds' | 'Dq' | 'Iu' | 'Ib'

/** Options of {@link PNPLoss}. */
export interface PNPLossOptions extends MetricLossOptions {
  /** `O`: R. `Ds`: log(1 + R). `Dq`: 1 - (1 + R)^-alpha. `Iu`: (1 + R) log(1 + R). `Ib`: (b R - log(1 + b R)) / b². Default `O`. */
  readonly variant?: PNPVariant
  /** The b of `Ib`. Above 0. Default 2. May be scheduled. */
  readonly b?: Schedulable
  /** The exponent of `Dq`. Above 0. Default 1. May be scheduled. */
  readonly alpha?: Schedulable
  /** Temperature of the sigmoid that counts negatives. Above 0. Default 0.01. May be scheduled. */
  readonly anneal?: Schedulable
}

const penalties: Readonly<Record<PNPVariant, (r: tf.Tensor, options: { b: Schedulable; alpha: Schedulable }) => tf.Tensor>> = {
  O: (r) => r,
  Ds: (r) => tf.log1p(r),
  Dq: (r, { alpha }) => tf.sub(1, tf.exp(tf.mul(tf.log1p(r), scalars.neg(alpha)))),
  Iu: (r) => tf.mul(tf.add(r, 1), tf.log1p(r)),
  Ib: (r, { b }) => tf.div(tf.sub(tf.mul(r, tensorOf(b)), tf.log1p(tf.mul(r, tensorOf(b)))), scalars.mul(b, b)),
}

/**
 * The mean penalty for the negatives ranked before a positive: f(R_qi), where R_qi = Σ_n sigmoid((s_qn -
 * s_qi) / anneal) counts negatives n of the query q that are more similar to it than its positive i.
 *
 * The mean is over the positives of a query, itself included, then over the queries that have another.
 * One term, `loss`, reduced already; without positives 0. The distance is {@link CosineSimilarity} and no
 * other. Positives and negatives come from the labels: neither selections nor reference sets.
 * Memory O(n² k), where k is the size of the largest class.
 *
 * Li et al.: Rethinking the Optimization of Average Precision (AAAI 2022), the losses PNP-O, -D_s, -D_q, -I_u and -I_b.
 *
 * @throws {OptionError} when an option is unknown or out of range, or the distance is another.
 */
export class PNPLoss extends MetricLoss {
  readonly variant: PNPVariant
  readonly b: Schedulable
  readonly alpha: Schedulable
  readonly anneal: Schedulable

  constructor(options: PNPLossOptions = {}) {
    super('PNPLoss', options, {
      options: ['variant', 'b', 'alpha', 'anneal'],
      distance: () => new CosineSimilarity(),
      reducer: () => new MeanReducer(),
      takesReferences: false,
      takesSelections: false,
    })
    const { variant = 'O', b = 2, alpha = 1, anneal = 0.01 } = options
    expectVariant(this.name, variant)
    expectNumber(this.name, 'b', b, { min: 0, exclusiveMin: true })
    expectNumber(this.name, 'alpha', alpha, { min: 0, exclusiveMin: true })
    expectNumber(this.name, 'anneal', anneal, { min: 0, exclusiveMin: true })
    expectDistance(this.name, this.distance, 'CosineSimilarity')
    this.variant = variant
    this.b = b
    this.alpha = alpha
    this.anneal = anneal
  }

  protected computeTerms({ embeddings, relations }: LossInputs): LossTerms {
    const { index, mask } = classMembers(relations)
    const negativesBefore = softRanks(this.distance.matrix(embeddings), index, relations.negatives(), this.anneal)
    const penalty = penalties[this.variant](negativesBefore, this)
    const members = withoutGradient(() => tf.sum(mask, 1))
    const ofQuery = tf.div<tf.Tensor1D>(sumOver(tf.mul(penalty, mask), 1), members)
    const hasOther = withoutGradient(() => tf.step(tf.sub(members, 1)))
    return { loss: { over: 'reduced', values: weightedMean(ofQuery, hasOther) } }
  }
}

function expectVariant(who: string, variant: string): void {
  if (Object.hasOwn(penalties, variant)) return
  throw new OptionError({
    who,
    wanted: `\`variant\` to be one of ${Object.keys(penalties).join(', ')}`,
    got: String(variant),
    fix: 'Pass one of these.',
  })
}
