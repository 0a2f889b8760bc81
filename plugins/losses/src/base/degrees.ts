import type * as tf from '@tensorflow/tfjs-core'
import { checkThroughout, expectNumber, OptionError } from '@metric-learning/contracts'
import { scalars, type Schedulable } from '@metric-learning/ops'

/** An angle in radians; on the device where it is scheduled. */
export function toRadians(degrees: number): number
export function toRadians(degrees: Schedulable): number | tf.Scalar
export function toRadians(degrees: Schedulable): number | tf.Scalar {
  return scalars.div(scalars.mul(degrees, Math.PI), 180)
}

/**
 * Checks an option that is an angle in degrees, 0 or from 1 on: what lies between is an angle in
 * radians most likely. A `Scheduled` is checked at every later change, too.
 *
 * @throws {OptionError} when it is not in [0, max].
 */
export function expectDegrees(who: string, option: string, degrees: Schedulable, max = 180): void {
  expectNumber(who, option, degrees, { min: 0, max, hint: `\`${option}\` is an angle in degrees.` })
  checkThroughout(`${who} ${option} in degrees`, degrees, (now) => {
    if (now === 0 || now >= 1) return
    throw new OptionError({
      who,
      wanted: `\`${option}\` in degrees, 0 or at least 1`,
      got: String(now),
      fix: `If ${now} is in radians, pass ${((now * 180) / Math.PI).toFixed(1)}.`,
    })
  })
}
