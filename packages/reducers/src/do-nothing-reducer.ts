import { expectKnownOptions, OptionError, type LossTerms, type Reducer } from '@metric-learning/contracts'

/**
 * Leaves a loss unreduced: its `terms` are all there is, and `compute`, which would have to give one number, throws.
 * {@link passThrough} returns terms as they are.
 */
export class DoNothingReducer implements Reducer {
  readonly name = 'DoNothingReducer'

  constructor(options: Record<string, never> = {}) {
    expectKnownOptions(this.name, options, [])
  }

  passThrough(terms: LossTerms): LossTerms {
    return terms
  }

  /** @throws {OptionError} always. */
  reduce(): never {
    throw new OptionError({
      who: this.name,
      wanted: 'a reducer that gives one number',
      got: 'one that reduces nothing',
      fix: 'Call `terms` in place of `compute`, or take another reducer.',
    })
  }
}
