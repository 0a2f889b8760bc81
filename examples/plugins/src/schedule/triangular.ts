import { expectFixedNumber, expectKnownOptions } from '@metric-learning/contracts'
import type { Shape } from '@metric-learning/schedules'

export interface TriangularOptions {
  /** Positions from the bottom to the top. An integer of at least 1. */
  readonly stepSize: number
  /** What the initial value is multiplied by at the bottom, from 0 to 1. Default 0.1. */
  readonly bottom?: number
}

/**
 * Up in a line from a share of the initial value v to v itself, down again, and so on: v · (b + (1 - b) · (1 - |t/s mod 2 - 1|)), with s the step size.
 *
 * @throws {OptionError} when an option is unknown, missing or out of range.
 * @see Smith 2017, Cyclical Learning Rates for Training Neural Networks.
 * @example schedules([{ of: 'trunk', shape: triangular({ stepSize: 2000 }), by: 'step' }])
 */
export function triangular(options: TriangularOptions): Shape {
  expectKnownOptions('triangular', options, ['stepSize', 'bottom'])
  const { stepSize, bottom = 0.1 } = options
  expectFixedNumber('triangular', 'stepSize', stepSize, { min: 1, integer: true })
  expectFixedNumber('triangular', 'bottom', bottom, { min: 0, max: 1 })
  return (position, initial) => initial * (bottom + (1 - bottom) * (1 - Math.abs(((position / stepSize) % 2) - 1)))
}
