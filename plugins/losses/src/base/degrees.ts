import { expectNumber, OptionError } from '@metric-learning/contracts'

/** An angle in radians. */
export const toRadians = (degrees: number): number => (degrees * Math.PI) / 180

/**
 * Checks an option that is an angle in degrees, 0 or from 1 on: what lies between is an angle in
 * radians most likely.
 *
 * @throws {OptionError} when it is not in [0, max].
 */
export function expectDegrees(who: string, option: string, degrees: number, max = 180): void {
  expectNumber(who, option, degrees, { min: 0, max, hint: `\`${option}\` is an angle in degrees.` })
  if (degrees > 0 && degrees < 1) {
    throw new OptionError({
      who,
      wanted: `\`${option}\` in degrees, 0 or at least 1`,
      got: String(degrees),
      fix: `If ${degrees} is in radians, pass ${((degrees * 180) / Math.PI).toFixed(1)}.`,
    })
  }
}
