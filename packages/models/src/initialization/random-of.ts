import { OptionError, Random } from '@metric-learning/contracts'

/** Where a module draws its initial weights from: one of the two, or neither. */
export interface InitializationOptions {
  /** A source that goes on from where it stands; for several modules that share one seed. */
  readonly random?: Random
  /** Seed of a source of the module's own. Default 0 when there is no `random`. */
  readonly seed?: number
}

/**
 * The source that the options ask for.
 *
 * @throws {OptionError} when both are given, or the seed is not an integer.
 */
export function randomOf(who: string, { random, seed }: InitializationOptions): Random {
  if (random && seed !== undefined) {
    throw new OptionError({
      who,
      wanted: '`random` or `seed`',
      got: 'both',
      fix: 'Leave one of them out: `random` already carries its seed.',
    })
  }
  return random ?? new Random(seed ?? 0)
}
