import { expectFixedNumber } from '@metric-learning/contracts'
import type { RankMetric } from './metric.js'

/**
 * P@k: matches among the k nearest references, divided by k, the mean over queries. k stays whole where a query has fewer matches, or
 * may find fewer references: the metric can't reach 1 then.
 *
 * @throws {OptionError} when k is no positive integer.
 * @see Manning, Raghavan, Schütze, Introduction to Information Retrieval, chapter 8.4.
 * @example new AccuracyCalculator({ metrics: [precisionAtK(5)] }) // metrics.precisionAt5
 */
export function precisionAtK<const K extends number>(k: K): RankMetric<`precisionAt${K}`> {
  expectFixedNumber('precisionAtK', 'k', k, { min: 1, integer: true })
  return {
    name: `precisionAt${k}`,
    label: `P@${k}`,
    title: `precision at ${k}`,
    meaning: `Share of the same class among the ${k} nearest.`,
    inPercent: true,
    judges: 'ranks',
    depth: k,
    compute: ({ matchRanks }) => matchRanks.length / k,
  }
}
