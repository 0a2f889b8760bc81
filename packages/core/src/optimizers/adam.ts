import { type AdamDecay, type AdamMoments, adamRule, type AdamConstants, adamSettings } from './adam-rule.js'
import { JoinedOptimizer } from './joined-optimizer.js'
import type { StepScalars, UpdateRule } from './update-rule.js'

/** Options of {@link Adam}. */
export interface AdamOptions extends AdamMoments, AdamDecay {
  /** λ: adds λθ to the gradient, before the moments see it. Default 0. */
  readonly weightDecay?: number
}

/**
 * Adam; as `torch.optim.Adam`.
 *
 *     g ← g + λθ      m ← β₁m + (1 - β₁)g      v ← β₂v + (1 - β₂)g²
 *     θ ← θ - α · (m / (1 - β₁ᵗ)) / (√(v / (1 - β₂ᵗ)) + ε)
 *
 * t counts the steps of each parameter: one that was frozen goes on from where it was.
 *
 * @throws {OptionError} when an option is unknown or out of range.
 * @see Kingma and Ba, Adam, arXiv:1412.6980, algorithm 1.
 */
export class Adam extends JoinedOptimizer {
  private readonly settings: AdamConstants

  constructor(options: AdamOptions = {}) {
    const { learningRate, weightDecayOf, ...settings } = adamSettings('Adam', options, 0)
    super('Adam', learningRate, weightDecayOf)
    this.settings = settings
  }

  protected rule(scalars: StepScalars): UpdateRule {
    return { ...adamRule(scalars, this.settings)(), weightDecay: this.settings.weightDecay }
  }
}
