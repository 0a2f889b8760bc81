import { OptionError, type Distance } from '@metric-learning/contracts'

/**
 * Checks that a distance is a similarity: larger where embeddings are closer.
 *
 * @throws {OptionError} when it is none.
 */
export function expectSimilarity(who: string, distance: Distance): void {
  if (distance.isInverted) return
  throw new OptionError({
    who,
    wanted: '`distance` to be a similarity',
    got: distance.name,
    fix: 'Leave `distance` out, or take CosineSimilarity or DotProductSimilarity.',
  })
}
