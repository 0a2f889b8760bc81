import * as tf from '@tensorflow/tfjs-core'
import { type AdamDecay, type AdamMoments, adamRule, type AdamConstants, adamSettings } from './adam-rule.js'
import { JoinedOptimizer } from './joined-optimizer.js'
import type { StepScalars, UpdateRule } from './update-rule.js'

/** Options of {@link AdamW}. */
export interface AdamWOptions extends AdamMoments, AdamDecay {
  /** λ: how fast parameters shrink, in parts of the learning rate. Default 0.01. */
  readonly weightDecay?: number
}

/**
 * Adam with decoupled weight decay; as `torch.optim.AdamW`.
 *
 *     m ← β₁m + (1 - β₁)g      v ← β₂v + (1 - β₂)g²
 *     θ ← (1 - αλ)θ - α · (m / (1 - β₁ᵗ)) / (√(v / (1 - β₂ᵗ)) + ε)
 *
 * t counts the steps of each parameter: one that was frozen goes on from where it was.
 *
 * @throws {OptionError} when an option is unknown or out of range.
 * @see Loshchilov and Hutter, Decoupled Weight Decay Regularization, arXiv:1711.05101, algorithm 2.
 */
export class AdamW extends JoinedOptimizer {
  private readonly settings: AdamConstants

  constructor(options: AdamWOptions = {}) {
    const { learningRate, weightDecayOf, ...settings } = adamSettings('AdamW', options, 0.01)
    super('AdamW', learningRate, weightDecayOf)
    this.settings = settings
  }

  protected rule(scalars: StepScalars): UpdateRule {
    const ruleOf = adamRule(scalars, this.settings)
    return { ...ruleOf(tf.mul(scalars.rate, this.settings.weightDecay)), undecayed: ruleOf() }
  }
}
