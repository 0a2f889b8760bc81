import { OptionError } from '@metric-learning/contracts'

/**
 * How many neighbours of each query are looked up: a number; `'max_bin_count'` = as many as the query with most
 * matches has; `undefined` = all there are.
 */
export type NeighbourCount = number | 'max_bin_count' | undefined

export interface NeighbourCountContext {
  /** References that can be neighbours of a query. */
  readonly available: number
  /** Matches of the query that has most. */
  readonly mostMatches: number
  /** A metric that looks at all matches (R-precision, MAP@R) was asked for. */
  readonly needsAllMatches: boolean
}

/** @throws {OptionError} when it is neither. */
export function expectNeighbourCount(k: unknown): void {
  if (k === undefined || k === 'max_bin_count' || (Number.isInteger(k) && (k as number) > 0)) return
  throw new OptionError({
    who: 'AccuracyCalculator',
    wanted: "`k` to be a positive integer, 'max_bin_count', or left out",
    got: String(k),
    fix: 'Leave `k` out to look at all neighbours.',
  })
}

/** The number of neighbours, with what the caller should know about it. */
export function resolveNeighbourCount(
  k: NeighbourCount,
  { available, mostMatches, needsAllMatches }: NeighbourCountContext,
): { readonly k: number; readonly warnings: readonly string[] } {
  if (k === undefined) return { k: available, warnings: [] }
  if (k === 'max_bin_count') return { k: mostMatches, warnings: [] }
  const used = Math.min(k, available)
  const cut = k > available ? [`k = ${k} neighbours were asked for, ${available} exist; all of them were taken.`] : []
  const short =
    needsAllMatches && used < mostMatches
      ? [
          `k = ${used} is less than the ${mostMatches} matches that a query has: ` +
            'rPrecision and meanAveragePrecisionAtR see only the first k.',
        ]
      : []
  return { k: used, warnings: [...cut, ...short] }
}
