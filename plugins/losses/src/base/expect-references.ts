import { expectMethods, OptionError, type Loss } from '@metric-learning/contracts'

/**
 * Checks that a loss compares a batch with references, as wrappers need it.
 *
 * @throws {OptionError} when it does not.
 */
export function expectTakesReferences(who: string, loss: Loss): void {
  expectMethods(who, 'loss', loss, ['compute'], 'new NTXentLoss()')
  if (loss.takesReferences !== false) return
  throw new OptionError({
    who,
    wanted: 'a loss that compares a batch with a reference set',
    got: loss.name,
    fix: 'Take one over pairs or triplets, such as NTXentLoss or TripletMarginLoss.',
  })
}
