import { expectFixedNumber, expectKnownOptions, expectNumber } from '@metric-learning/contracts'
import type { Shape } from './shape.js'

export interface ConstantOptions {
  /** c, at least 0. Default 1/3. */
  readonly factor?: number
  /** n, how many positions it lasts; at least 0. Default 5. */
  readonly totalIters?: number
}

/**
 * A share of the initial value v at first, all of it from position n on.
 *
 *     c · v for t < n, v from then on
 *
 * @throws {OptionError} when an option is unknown or out of range.
 * @see torch.optim.lr_scheduler.ConstantLR, which takes factors up to 1 only.
 */
export function constant(options: ConstantOptions = {}): Shape {
  expectKnownOptions('constant', options, ['factor', 'totalIters'])
  const { factor = 1 / 3, totalIters = 5 } = options
  expectFixedNumber('constant', 'factor', factor, { min: 0 })
  expectNumber('constant', 'totalIters', totalIters, { min: 0, integer: true })
  return (position, initial) => (position < totalIters ? initial * factor : initial)
}
