import { expectFixedNumber, expectKnownOptions } from '@metric-learning/contracts'
import type { RankMetric } from '@metric-learning/evaluation'

export interface ExampleMetricOptions {
  /** How many neighbours it looks at, at least 1. Default 10. */
  readonly k?: number
}

/**
 * Matches among the k nearest references, which count less the farther down they are, as a share of the best there can be:
 *
 *     Σ 1 / log₂(1 + rank), over the ranks of matches up to k, divided by the same sum over the ranks 1, 2, … of as many matches as there are
 *
 * From 0 to 1, larger is better; the mean over queries. It is logged as `<split>/exampleMetricAt10`.
 *
 * The normalised discounted cumulative gain: Järvelin, Kekäläinen 2002. (Put your own formula here, and where it is from.)
 *
 * @throws {OptionError} when an option is unknown or out of range.
 */
export function exampleMetric(options: ExampleMetricOptions = {}): RankMetric {
  expectKnownOptions('exampleMetric', options, ['k'])
  const { k = 10 } = options
  expectFixedNumber('exampleMetric', 'k', k, { min: 1, integer: true })
  return {
    name: `exampleMetricAt${k}`,
    label: `nDCG@${k}`,
    title: `normalised discounted cumulative gain at ${k}`,
    meaning: `How far up matches are among the ${k} nearest.`,
    better: 'larger',
    inPercent: true,
    judges: 'ranks',
    depth: k,
    compute: ({ matchRanks, matchCount }) => gain(matchRanks) / gain(Array.from({ length: Math.min(matchCount, k) }, (_, i) => i + 1)),
  }
}

const gain = (ranks: ArrayLike<number>): number => Array.from(ranks).reduce((sum, rank) => sum + 1 / Math.log2(1 + rank), 0)
