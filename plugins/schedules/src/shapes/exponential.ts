import { expectFixedNumber, expectKnownOptions } from '@metric-learning/contracts'
import type { Shape } from './shape.js'

export interface ExponentialOptions {
  /** γ, the factor from one position to the next; at least 0. */
  readonly gamma: number
}

/**
 * Falls (γ < 1) or rises (γ > 1) by the same factor at every position, from the initial value v.
 *
 *     v · γᵗ
 *
 * @throws {OptionError} when an option is unknown, missing or out of range.
 * @see torch.optim.lr_scheduler.ExponentialLR
 */
export function exponential(options: ExponentialOptions): Shape {
  expectKnownOptions('exponential', options, ['gamma'])
  const { gamma } = options
  expectFixedNumber('exponential', 'gamma', gamma, { min: 0 })
  return (position, initial) => initial * gamma ** position
}
