import type * as tf from '@tensorflow/tfjs-core'
import { expectFixedNumber } from '@metric-learning/contracts'
import { elementwisePower, lpNorm } from '@metric-learning/distances'
import { BaseRegularizer, type RegularizerOptions, type RegularizerTerm } from './base-regularizer.js'

/** Options of {@link LpRegularizer}. */
export interface LpRegularizerOptions extends RegularizerOptions {
  /** The p of the norm, at least 1; `Infinity` is the maximum norm. Default 2. */
  readonly p?: number
  /** Norms are raised to this power. Default 1. */
  readonly power?: number
}

/**
 * The norm of every row of float32 [n, dim] to a power, as they are: keeps them short. The gradient of a zero row is 0.
 * Default reducer {@link MeanReducer}, to one number. Weight decay of embeddings for power 2.
 *
 * `LpRegularizer` of PyTorch Metric Learning.
 *
 * @formula r_i = \lVert x_i \rVert_p^{\,\text{power}}
 * @useWhen Norms of embeddings grow without an end, as where the loss itself normalises them: their gradients fade the longer they are.
 * @example const loss = new TripletMarginLoss({ embeddingRegularizer: new LpRegularizer({ power: 2 }), embeddingRegWeight: 0.01 })
 * @throws {OptionError} when an option is unknown, p is below 1, or power is not positive.
 */
export class LpRegularizer extends BaseRegularizer {
  readonly p: number
  readonly power: number

  constructor(options: LpRegularizerOptions = {}) {
    super('LpRegularizer', options, { options: ['p', 'power'] })
    const { p = 2, power = 1 } = options
    if (p !== Infinity) expectFixedNumber(this.name, 'p', p, { min: 1, hint: 'Below 1 it is no norm; `Infinity` is allowed.' })
    expectFixedNumber(this.name, 'power', power, { min: 0, exclusiveMin: true })
    this.p = p
    this.power = power
  }

  protected computeTerm(rows: tf.Tensor2D): RegularizerTerm {
    return { values: elementwisePower(lpNorm(rows, this.p), this.power) }
  }
}
