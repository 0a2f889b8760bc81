import * as tf from '@tensorflow/tfjs-core'
import { expectKnownOptions, expectNumber } from '../errors/expectations.js'
import { ADAM_MOMENTS, type AdamMoments, adamMoments, adamRule } from './adam-rule.js'
import { JoinedOptimizer } from './joined-optimizer.js'
import type { StepScalars, UpdateRule } from './update-rule.js'

/** Options of {@link AdamW}. */
export interface AdamWOptions extends AdamMoments {
  /** α. Default 0.001. */
  readonly learningRate?: number
  /** λ: how fast parameters shrink, in parts of the learning rate. Default 0.01. */
  readonly weightDecay?: number
}

/**
 * Adam with decoupled weight decay; as `torch.optim.AdamW`.
 *
 *     m ← β₁m + (1 - β₁)g      v ← β₂v + (1 - β₂)g²
 *     θ ← (1 - αλ)θ - α · (m / (1 - β₁ᵗ)) / (√(v / (1 - β₂ᵗ)) + ε)
 *
 * @throws {OptionError} when an option is unknown or out of range.
 * @see Loshchilov and Hutter, Decoupled Weight Decay Regularization, arXiv:1711.05101, algorithm 2.
 */
export class AdamW extends JoinedOptimizer {
  readonly #moments: Required<AdamMoments>
  readonly #weightDecay: number

  constructor(options: AdamWOptions = {}) {
    expectKnownOptions('AdamW', options, ['learningRate', ...ADAM_MOMENTS, 'weightDecay'])
    const { learningRate = 1e-3, weightDecay = 0.01 } = options
    const moments = adamMoments('AdamW', options)
    expectNumber('AdamW', 'weightDecay', weightDecay, { min: 0 })
    super('AdamW', learningRate)
    this.#moments = moments
    this.#weightDecay = weightDecay
  }

  protected rule(scalars: StepScalars): UpdateRule {
    return adamRule(scalars, this.#moments, tf.mul(scalars.rate, this.#weightDecay))
  }
}
