import { OptionError, type Distance } from '@metric-learning/contracts'

/** What a loss may demand of its distance besides the formula. */
export type DistanceDemands = Partial<Pick<Distance, 'normalizeEmbeddings' | 'p' | 'power'>>

/**
 * Checks that a distance is one that a formula holds for.
 *
 * @param measure the {@link Distance.measure} that it has to have
 * @throws {OptionError} which names the distance that was wanted.
 */
export function expectDistance(
  who: string,
  distance: Distance,
  measure: string,
  demands: DistanceDemands = {},
): void {
  const keys = Object.keys(demands) as (keyof DistanceDemands)[]
  if (distance.measure === measure && keys.every((key) => distance[key] === demands[key])) return
  const show = (from: DistanceDemands) => keys.map((key) => `${key} ${String(from[key])}`).join(', ')
  const suffix = (from: DistanceDemands) => (keys.length ? ` with ${show(from)}` : '')
  throw new OptionError({
    who,
    wanted: `\`distance\` to be ${measure}${suffix(demands)}`,
    got: `${distance.name}${suffix(distance)}`,
    fix: 'Leave `distance` out; the default is right.',
  })
}
