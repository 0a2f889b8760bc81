import { expectNumber, OptionError, type Distance } from '@metric-learning/contracts'
import { CosineSimilarity } from '@metric-learning/distances'

/**
 * Checks an option in units of the distance. Where that is a cosine: two cosines differ by 2 at most, so that what is beyond
 * is an angle most likely.
 *
 * @throws {OptionError} when it is no finite number, or outside [-2, 2] and the distance is a {@link CosineSimilarity}.
 */
export function expectDistanceUnits(who: string, option: string, value: number, distance: Distance): void {
  expectNumber(who, option, value)
  if (!(distance instanceof CosineSimilarity) || distance.p !== 2 || Math.abs(value) <= 2) return
  throw new OptionError({
    who,
    wanted: `\`${option}\` in units of a cosine, from -2 to 2`,
    got: String(value),
    fix: 'It is no angle; take another distance where it is meant in its units.',
  })
}
