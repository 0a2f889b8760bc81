import { expectKnownOptions, expectNumber } from '../errors/expectations.js'
import { ADAM_MOMENTS, type AdamMoments, adamMoments, adamRule } from './adam-rule.js'
import { JoinedOptimizer } from './joined-optimizer.js'
import type { StepScalars, UpdateRule } from './update-rule.js'

/** Options of {@link Adam}. */
export interface AdamOptions extends AdamMoments {
  /** α. Default 0.001. */
  readonly learningRate?: number
  /** λ: adds λθ to the gradient, before the moments see it. Default 0. */
  readonly weightDecay?: number
}

/**
 * Adam; as `torch.optim.Adam`.
 *
 *     g ← g + λθ      m ← β₁m + (1 - β₁)g      v ← β₂v + (1 - β₂)g²
 *     θ ← θ - α · (m / (1 - β₁ᵗ)) / (√(v / (1 - β₂ᵗ)) + ε)
 *
 * @throws {OptionError} when an option is unknown or out of range.
 * @see Kingma and Ba, Adam, arXiv:1412.6980, algorithm 1.
 */
export class Adam extends JoinedOptimizer {
  readonly #moments: Required<AdamMoments>
  readonly #weightDecay: number

  constructor(options: AdamOptions = {}) {
    expectKnownOptions('Adam', options, ['learningRate', ...ADAM_MOMENTS, 'weightDecay'])
    const { learningRate = 1e-3, weightDecay = 0 } = options
    const moments = adamMoments('Adam', options)
    expectNumber('Adam', 'weightDecay', weightDecay, { min: 0 })
    super('Adam', learningRate)
    this.#moments = moments
    this.#weightDecay = weightDecay
  }

  protected rule(scalars: StepScalars): UpdateRule {
    return { ...adamRule(scalars, this.#moments), weightDecay: this.#weightDecay }
  }
}
