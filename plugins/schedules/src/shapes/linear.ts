import { expectFixedNumber, expectKnownOptions, expectNumber } from '@metric-learning/contracts'
import type { Shape } from './shape.js'

export interface LinearOptions {
  /** a, at least 0. Default 1/3. */
  readonly startFactor?: number
  /** b, at least 0. Default 1. */
  readonly endFactor?: number
  /** n, positions from one to the other; at least 1. Default 5. */
  readonly totalIters?: number
}

/**
 * A straight line from one share of the initial value v to another, where it stays.
 *
 *     v · (a + (b - a) · min(t, n) / n)
 *
 * @throws {OptionError} when an option is unknown or out of range.
 * @see torch.optim.lr_scheduler.LinearLR, which takes an a above 0 and factors up to 1 only.
 */
export function linear(options: LinearOptions = {}): Shape {
  expectKnownOptions('linear', options, ['startFactor', 'endFactor', 'totalIters'])
  const { startFactor = 1 / 3, endFactor = 1, totalIters = 5 } = options
  expectFixedNumber('linear', 'startFactor', startFactor, { min: 0 })
  expectFixedNumber('linear', 'endFactor', endFactor, { min: 0 })
  expectNumber('linear', 'totalIters', totalIters, { min: 1, integer: true })
  return (position, initial) => initial * (startFactor + (endFactor - startFactor) * (Math.min(position, totalIters) / totalIters))
}
