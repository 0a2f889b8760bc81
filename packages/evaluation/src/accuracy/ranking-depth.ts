import { OptionError } from '@metric-learning/contracts'
import type { NeighbourMetric, PooledMetric, RankMetric } from '../metrics/metric.js'

/**
 * How many neighbours of each query metrics look at that look at all of them, or at all matches: a number; `'max_bin_count'` = as many as
 * the query with most matches has; `undefined` = all there are. Metrics that name a depth of their own keep it.
 */
export type NeighbourCount = number | 'max_bin_count' | undefined

/** Metrics that the search serves. */
export type SearchedMetric = RankMetric | NeighbourMetric | PooledMetric

export interface NeighbourCountContext {
  /** References that a query may find, of the one that may find most. */
  readonly available: number
  /** Matches of the query that has most. */
  readonly mostMatches: number
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

/** How deep a metric looks, cut to what there is. */
export function depthOf(metric: SearchedMetric, k: NeighbourCount, { available, mostMatches }: NeighbourCountContext): number {
  if (metric.judges !== 'ranks') return metric.neighbours === 'all' ? available : Math.min(metric.neighbours, available)
  const { depth = 'all' } = metric
  if (typeof depth === 'number') return Math.min(depth, available)
  const most = k === undefined ? available : k === 'max_bin_count' ? mostMatches : Math.min(k, available)
  return depth === 'all' ? most : Math.min(most, mostMatches)
}

/** What the caller should know of how deep metrics look. */
export function depthWarnings(metrics: readonly SearchedMetric[], k: NeighbourCount, { available, mostMatches }: NeighbourCountContext): string[] {
  const wanted = metrics.map((metric) => ({ name: metric.name, depth: metric.judges === 'ranks' ? (metric.depth ?? 'all') : metric.neighbours }))
  const isCut = typeof k === 'number' && k > available && metrics.some(({ judges }, i) => judges === 'ranks' && typeof wanted[i]!.depth !== 'number')
  const blind = typeof k === 'number' && k < mostMatches ? wanted.filter(({ depth }) => depth === 'matches').map(({ name }) => name) : []
  const beyond = wanted.filter(({ depth }) => typeof depth === 'number' && depth > available)
  return [
    ...(isCut ? [`k = ${k} neighbours were asked for, ${available} exist; all of them were taken.`] : []),
    ...(blind.length > 0
      ? [`k = ${k} is less than the ${mostMatches} matches that a query has: ${blind.join(' and ')} ${blind.length === 1 ? 'sees' : 'see'} only the first k.`]
      : []),
    ...beyond.map(({ name, depth }) => `${name} looks at ${depth} neighbours, ${available} exist.`),
  ]
}
