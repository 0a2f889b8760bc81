import { checkThroughout, expectNumber, OptionError, type Distance } from '@metric-learning/contracts'
import type { Schedulable } from '@metric-learning/ops'

/**
 * Checks an option in units of the distance. Where that is a cosine: two cosines differ by 2 at most, so that what is beyond
 * is an angle most likely. A `Scheduled` is checked at every later change, too.
 *
 * @throws {OptionError} when it is no finite number, or outside [-2, 2] and the distance is a {@link CosineSimilarity}.
 */
export function expectDistanceUnits(who: string, option: string, value: Schedulable, distance: Distance): void {
  expectNumber(who, option, value)
  if (distance.measure !== 'CosineSimilarity' || distance.p !== 2) return
  checkThroughout(`${who} ${option} of a cosine`, value, (now) => {
    if (Math.abs(now) <= 2) return
    throw new OptionError({
      who,
      wanted: `\`${option}\` in units of a cosine, from -2 to 2`,
      got: String(now),
      fix: 'It is no angle; take another distance where it is meant in its units.',
    })
  })
}
