import { checkThroughout, OptionError, type Distance } from '@metric-learning/contracts'
import type { Schedulable } from '@metric-learning/ops'

/**
 * Checks that an option in units of the distance can tell pairs apart: normalised embeddings are at most 2 apart.
 *
 * @throws {OptionError} when it is beyond any distance that there can be.
 */
export function expectWithinReach(who: string, name: string, value: Schedulable, distance: Distance): void {
  const { measure, normalizeEmbeddings, p, power } = distance
  if (measure !== 'LpDistance' || !normalizeEmbeddings || p !== 2) return
  const farthest = 2 ** power
  checkThroughout(`${who} ${name} within reach of ${farthest}`, value, (now) => {
    if (Math.abs(now) <= farthest) return
    const fix = `Normalised embeddings are at most ${farthest} apart; take a distance that does not normalise where it is meant so.`
    throw new OptionError({ who, wanted: `\`${name}\` from -${farthest} to ${farthest}`, got: String(now), fix })
  })
}
