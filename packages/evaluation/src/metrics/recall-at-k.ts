import { expectFixedNumber } from '@metric-learning/contracts'
import type { RankMetric } from './metric.js'

/**
 * Recall@k, as metric learning means it: the share of queries with at least one match among their k nearest references. It is 1 or 0 of
 * a query, and Recall@1 is P@1. Information retrieval calls the share of all matches that are found by that name; this is none.
 *
 * @throws {OptionError} when k is no positive integer.
 * @see Jégou, Douze, Schmid, Product quantization for nearest neighbor search, TPAMI 33 (2011); Oh Song et al., arXiv:1511.06452.
 * @example new AccuracyCalculator({ metrics: [recallAtK(10)] }) // metrics.recallAt10
 */
export function recallAtK<const K extends number>(k: K): RankMetric<`recallAt${K}`> {
  expectFixedNumber('recallAtK', 'k', k, { min: 1, integer: true })
  return {
    name: `recallAt${k}`,
    label: `R@${k}`,
    title: `recall at ${k}`,
    meaning: `How often at least one of the ${k} nearest is of the same class.`,
    inPercent: true,
    judges: 'ranks',
    depth: k,
    compute: ({ matchRanks }) => (matchRanks.length > 0 ? 1 : 0),
  }
}
