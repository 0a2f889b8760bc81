import { expectFixedNumber, expectKnownOptions, expectNumber } from '@metric-learning/contracts'
import type { Shape } from './shape.js'

export interface StepOptions {
  /** n, positions from one fall to the next; at least 1. */
  readonly stepSize: number
  /** γ, what is left after a fall; at least 0. Default 0.1. */
  readonly gamma?: number
}

/**
 * Falls (γ < 1) or rises (γ > 1) every n positions, from the initial value v.
 *
 *     v · γ^⌊t / n⌋
 *
 * @throws {OptionError} when an option is unknown, missing or out of range.
 * @see torch.optim.lr_scheduler.StepLR
 */
export function step(options: StepOptions): Shape {
  expectKnownOptions('step', options, ['stepSize', 'gamma'])
  const { stepSize, gamma = 0.1 } = options
  expectNumber('step', 'stepSize', stepSize, { min: 1, integer: true })
  expectFixedNumber('step', 'gamma', gamma, { min: 0 })
  return (position, initial) => initial * gamma ** Math.floor(position / stepSize)
}
