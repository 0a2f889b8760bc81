import { expectFixedNumber, expectKnownOptions, expectNumber, OptionError } from '@metric-learning/contracts'
import type { Shape } from './shape.js'

export interface MultiStepOptions {
  /** Positions from which on the value is multiplied once more, in any order; one that stands there twice counts twice. */
  readonly milestones: readonly number[]
  /** γ, what is left after a milestone; at least 0. Default 0.1. */
  readonly gamma?: number
}

/**
 * Falls (γ < 1) or rises (γ > 1) at given positions, from the initial value v.
 *
 *     v · γ^(milestones m with m ≤ t)
 *
 * @throws {OptionError} when an option is unknown, missing or out of range.
 * @see torch.optim.lr_scheduler.MultiStepLR
 */
export function multiStep(options: MultiStepOptions): Shape {
  expectKnownOptions('multiStep', options, ['milestones', 'gamma'])
  const { milestones, gamma = 0.1 } = options
  if (!Array.isArray(milestones) || milestones.length === 0) {
    throw new OptionError({
      who: 'multiStep',
      wanted: '`milestones` to be a list of positions',
      got: Array.isArray(milestones) ? 'an empty one' : String(milestones),
      fix: 'Pass one such as `[30, 60]`.',
    })
  }
  const sorted = [...(milestones as readonly number[])].sort((a, b) => a - b)
  sorted.forEach((milestone) => {
    expectNumber('multiStep', 'milestones', milestone, { min: 0, integer: true })
  })
  expectFixedNumber('multiStep', 'gamma', gamma, { min: 0 })
  return (position, initial) => initial * gamma ** sorted.filter((milestone) => milestone <= position).length
}
