import * as tf from '@tensorflow/tfjs-core'
import { expectNumber, type LossTerms } from '@metric-learning/contracts'
import { CosineSimilarity } from '@metric-learning/distances'
import { scalars, tensorOf, type Schedulable } from '@metric-learning/ops'
import { MeanReducer } from '@metric-learning/reducers'
import { logSumExp, nothing } from './base/log-sum-exp.js'
import type { LossInputs } from './base/loss-inputs.js'
import { MetricLoss } from './base/metric-loss.js'
import { pairTerm } from './base/pair-term.js'
import type { RepeatedPairsOptions } from './base/repeated-pairs.js'

/** Options of {@link NTXentLoss}. */
export interface NTXentLossOptions extends RepeatedPairsOptions {
  /** Divides the similarities. Above 0. Default 0.07. May be scheduled. */
  readonly temperature?: Schedulable
}

/**
 * -log( exp(s_ap / τ) / (exp(s_ap / τ) + Σ_n exp(s_an / τ)) ) for every positive pair, with the
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
 * @throws {OptionError} when an option is unknown or out of range.
 */
export class NTXentLoss extends MetricLoss {
  readonly temperature: Schedulable
  readonly countRepeats: boolean

  constructor(options: NTXentLossOptions = {}) {
    super('NTXentLoss', options, {
      options: ['temperature', 'countRepeats'],
      distance: () => new CosineSimilarity(),
      reducer: () => new MeanReducer(),
      labels: 'unlessSelected',
    })
    const { temperature = 0.07, countRepeats = false } = options
    expectNumber(this.name, 'temperature', temperature, { min: 0, exclusiveMin: true })
    this.temperature = temperature
    this.countRepeats = countRepeats
  }

  protected computeTerms(inputs: LossInputs): LossTerms {
    const { positive, negative } = inputs.pairs(this.countRepeats)
    const distances = this.distance.matrix(inputs.embeddings, inputs.references)
    const term = pairTerm({
      rows: [distances],
      constants: [negative],
      weights: positive,
      values: ({ rows: [own], constants: [negatives] }) => {
        const logits = tf.div(own!, this.distance.isInverted ? tensorOf(this.temperature) : scalars.neg(this.temperature))
        const ofNegatives = logSumExp(logits, negatives!, { ofNone: nothing })
        return tf.softplus(tf.sub(tf.expandDims(ofNegatives, 1), logits))
      },
    })
    return { loss: term }
  }
}
