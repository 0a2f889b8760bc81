import type { Random } from '@metric-learning/contracts'

/**
 * `count` different integers in [0, bound), in random order: the first steps of a Fisher–Yates
 * shuffle, of which only the places that moved are stored.
 */
export function drawDistinct(random: Random, bound: number, count: number): number[] {
  const moved = new Map<number, number>()
  return Array.from({ length: count }, (_, i) => {
    const j = i + random.int(bound - i)
    const drawn = moved.get(j) ?? j
    moved.set(j, moved.get(i) ?? i)
    return drawn
  })
}

/** `count` of the given rows: different ones, or, where there are fewer, each drawn from all of them. */
export function drawSamples(random: Random, rows: Int32Array, count: number): number[] {
  if (rows.length >= count) return drawDistinct(random, rows.length, count).map((at) => rows[at]!)
  return Array.from({ length: count }, () => rows[random.int(rows.length)]!)
}
