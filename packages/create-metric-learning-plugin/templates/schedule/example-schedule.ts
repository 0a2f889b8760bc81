import { expectFixedNumber, expectKnownOptions } from '@metric-learning/contracts'
import type { Shape } from '@metric-learning/schedules'

export interface ExampleScheduleOptions {
  /** w in the formula: positions until the number has its initial value. An integer of at least 1. */
  readonly warmUp: number
}

/**
 * Rises in a line to the initial value v, then falls with the square root of the position t:
 *
 *     v · min(t / w, √(w / t)), with t from 1
 *
 * Goes by steps or by epochs, whichever `by` of the schedule says.
 *
 * Vaswani et al. 2017, Attention Is All You Need, section 5.3, whose peak is at warm-up. (Put your own formula here, and where it is from.)
 *
 * @throws {OptionError} when an option is unknown, missing or out of range.
 * @example schedules([{ of: 'trunk', shape: exampleSchedule({ warmUp: 500 }), by: 'step' }])
 */
export function exampleSchedule(options: ExampleScheduleOptions): Shape {
  expectKnownOptions('exampleSchedule', options, ['warmUp'])
  const { warmUp } = options
  expectFixedNumber('exampleSchedule', 'warmUp', warmUp, { min: 1, integer: true })
  return (position, initial) => initial * Math.min((position + 1) / warmUp, Math.sqrt(warmUp / (position + 1)))
}
