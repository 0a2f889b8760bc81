import { expectFixedNumber } from '@metric-learning/contracts'
import type { NeighbourMetric } from './metric.js'

/**
 * Accuracy of the k-NN classifier: the share of queries whose class wins the vote of their k nearest references, each with one vote. Of classes
 * with equally many votes the one wins that has the nearest reference.
 *
 * Under a label comparison a query is right where the class that wins matches it.
 *
 * @throws {OptionError} when k is no positive integer.
 * @see Cover, Hart, Nearest neighbor pattern classification, IEEE Transactions on Information Theory 13 (1967).
 * @example new AccuracyCalculator({ metrics: [knnClassifierAccuracy(20)] }) // metrics.knnClassifierAccuracy20
 */
export function knnClassifierAccuracy<const K extends number>(k: K): NeighbourMetric<`knnClassifierAccuracy${K}`> {
  expectFixedNumber('knnClassifierAccuracy', 'k', k, { min: 1, integer: true })
  return {
    name: `knnClassifierAccuracy${k}`,
    label: `${k}-NN`,
    title: `accuracy of the ${k}-NN classifier`,
    meaning: `How often the class wins that most of the ${k} nearest are of.`,
    inPercent: true,
    judges: 'neighbours',
    neighbours: k,
    compute({ classes, isMatch }) {
      const votes = new Map<number, number>()
      classes.forEach((one) => votes.set(one, (votes.get(one) ?? 0) + 1))
      const most = Math.max(...votes.values())
      // The first that has as many: the nearest of those.
      return isMatch[classes.findIndex((one) => votes.get(one) === most)]!
    },
  }
}
