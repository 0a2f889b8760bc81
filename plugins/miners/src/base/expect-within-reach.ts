import { checkThroughout, OptionError, type Distance } from '@metric-learning/contracts'
import type { Schedulable } from '@metric-learning/ops'

/** The least and the most that a distance gives, as far as its formula tells. */
function reachOf({ measure, normalizeEmbeddings, p, power }: Distance): readonly [least: number, most: number] {
  if (measure === 'LpDistance') return [0, normalizeEmbeddings ? 2 ** power : Infinity]
  if (measure === 'SNRDistance') return [0, Infinity]
  // Of p above 2 the unit ball reaches beyond that of the Euclidean norm.
  const isCosine = (measure === 'CosineSimilarity' || measure === 'DotProductSimilarity') && normalizeEmbeddings && p <= 2
  return isCosine ? [-1, 1] : [-Infinity, Infinity]
}

/**
 * Checks that an option in units of the distance can tell pairs apart: normalised embeddings are at most 2 apart, and their cosine is
 * from -1 to 1.
 *
 * @param of what it is compared with: a distance, or how much two of them differ
 * @throws {OptionError} when it is beyond any that there can be.
 */
export function expectWithinReach(who: string, name: string, value: Schedulable, distance: Distance, of: 'distance' | 'difference' = 'distance'): void {
  const [least, most] = reachOf(distance)
  const farthest = of === 'distance' ? most : most - least
  checkThroughout(`${who} ${name} within reach of ${farthest}`, value, (now) => {
    if (Math.abs(now) <= farthest) return
    const reach = distance.isInverted ? `have a similarity from ${least} to ${most}` : `are at most ${most} apart`
    const fix = `Normalised embeddings ${reach}; take a distance that does not normalise where it is meant so.`
    throw new OptionError({ who, wanted: `\`${name}\` from -${farthest} to ${farthest}`, got: String(now), fix })
  })
}

/**
 * Checks that there can be distances beyond a margin, so that something is selected.
 *
 * @param which are selected: pairs that are farther, or closer
 * @throws {OptionError} when there can be none.
 */
export function expectSelectsSome(who: string, name: string, margin: Schedulable, distance: Distance, which: 'farther' | 'closer'): void {
  const [least, most] = reachOf(distance)
  const isAbove = (which === 'farther') !== distance.isInverted
  const end = isAbove ? most : least
  checkThroughout(`${who} ${name} short of ${end}`, margin, (now) => {
    if (isAbove ? now < end : now > end) return
    const fix = `${distance.name} gives ${isAbove ? 'at most' : 'at least'} ${end}: no pair would ever be selected.`
    throw new OptionError({ who, wanted: `\`${name}\` ${isAbove ? 'below' : 'above'} ${end}`, got: String(now), fix })
  })
}

/**
 * Checks that two distances can differ by more.
 *
 * @param sign -1 of what is subtracted: of a difference that has to be above its negative
 * @throws {OptionError} when they can not.
 */
export function expectDiffersByMore(who: string, name: string, value: Schedulable, distance: Distance, sign: 1 | -1 = 1): void {
  const [least, most] = reachOf(distance)
  const end = sign * (most - least)
  checkThroughout(`${who} ${name} short of ${end}`, value, (now) => {
    if (sign * now < most - least) return
    const fix = `Two of ${distance.name} never differ by more: nothing would ever be selected.`
    throw new OptionError({ who, wanted: `\`${name}\` ${sign > 0 ? 'below' : 'above'} ${end}`, got: String(now), fix })
  })
}

/**
 * Checks that there can be distances in a range, and at its ends.
 *
 * @throws {OptionError} when an end is beyond any distance that there can be, or all of it is.
 */
export function expectRangeWithinReach(who: string, name: string, [from, to]: readonly [number, number], distance: Distance): void {
  for (const bound of [from, to]) expectWithinReach(who, name, bound, distance)
  const [least, most] = reachOf(distance)
  if (to >= least && from <= most) return
  const reach = most === Infinity ? `${least} or more` : `from ${least} to ${most}`
  throw new OptionError({ who, wanted: `\`${name}\` to meet what ${distance.name} gives, ${reach}`, got: `${from} to ${to}`, fix: 'No pair would ever be selected.' })
}
