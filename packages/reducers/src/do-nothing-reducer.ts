import { expectKnownOptions, OptionError, type LossTerms, type Reducer } from '@metric-learning/contracts'

/**
 * Leaves a loss unreduced: its `terms` are all there is, and `compute`, which would have to give one number, throws.
 * {@link passThrough} returns terms as they are.
 *
 * @useWhen The values of single pairs or triplets are wanted, and not one number.
 * @example
 * await useBackend('auto')
 * const loss = new ContrastiveLoss({ reducer: new DoNothingReducer() })
 * const { negLoss } = loss.terms(tf.tensor2d([[1, 0], [0, 1]]), [0, 1])
 * @throws {OptionError} when it is given an option; {@link reduce} always.
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
