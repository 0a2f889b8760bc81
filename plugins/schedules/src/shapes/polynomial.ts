import { expectFixedNumber, expectKnownOptions, expectNumber } from '@metric-learning/contracts'
import type { Shape } from './shape.js'

export interface PolynomialOptions {
  /** n, the position at which 0 is reached; at least 1. Default 5. */
  readonly totalIters?: number
  /** p, above 0; 1 is a straight line. Default 1. */
  readonly power?: number
}

/**
 * Falls from the initial value v to 0, where it stays.
 *
 *     v · (1 - min(t, n) / n)ᵖ
 *
 * @throws {OptionError} when an option is unknown or out of range.
 * @see torch.optim.lr_scheduler.PolynomialLR
 */
export function polynomial(options: PolynomialOptions = {}): Shape {
  expectKnownOptions('polynomial', options, ['totalIters', 'power'])
  const { totalIters = 5, power = 1 } = options
  expectNumber('polynomial', 'totalIters', totalIters, { min: 1, integer: true })
  expectFixedNumber('polynomial', 'power', power, { min: 0, exclusiveMin: true })
  return (position, initial) => initial * (1 - Math.min(position, totalIters) / totalIters) ** power
}
