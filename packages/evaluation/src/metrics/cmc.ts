import { expectFixedNumber } from '@metric-learning/contracts'
import type { NeighbourMetric } from './metric.js'

/**
 * CMC at k, the cumulated matching characteristic with a *single-gallery shot*: the probability that the match of a query is among its k
 * nearest in a gallery that has one reference of each class, drawn at random. It is worked out, not drawn: with a match at
 * rank r, and of each other class c the share p_c of its references that stand before r, the others that come first are as many as
 * independent draws of probability p_c hit, and
 *
 *     CMC@k = (1/R) Σ_r P(Σ_c Bernoulli(p_c) < k)
 *
 * over the R matches. {@link recallAtK} is what others call CMC with *all shots*: it takes all references, asks for the nearest match alone,
 * and grows with the size of a class, which this does not.
 *
 * All references of a query are sorted for it: it takes much longer than metrics that go by ranks, and is null where the index does not
 * give all of them.
 *
 * @throws {OptionError} when k is no positive integer.
 * @see Gray, Brennan, Tao, Evaluating appearance models for recognition, reacquisition, and tracking, PETS 2007; Li et al., DeepReID,
 *   CVPR 2014 (CUHK03), whose protocol draws the gallery a hundred times and averages.
 * @example new AccuracyCalculator({ metrics: [cmc(1), cmc(5)] }) // metrics.cmc1, metrics.cmc5
 */
export function cmc<const K extends number>(k: K): NeighbourMetric<`cmc${K}`> {
  expectFixedNumber('cmc', 'k', k, { min: 1, integer: true })
  return {
    name: `cmc${k}`,
    label: `CMC@${k}`,
    title: `cumulated matching characteristic at ${k}`,
    meaning: `How probably the match is among the ${k} nearest of a gallery with one sample of each class.`,
    judges: 'neighbours',
    neighbours: 'all',
    compute({ classes, isMatch, matchCount, available }) {
      if (classes.length < available) return NaN
      const sizes = new Map<number, number>()
      classes.forEach((one, i) => isMatch[i] || sizes.set(one, (sizes.get(one) ?? 0) + 1))
      const before = new Map<number, number>()
      let [found, sum] = [0, 0]
      // Others since the last match: where there are none, the probability is the same.
      let probability = 1
      let isOpen = false
      for (let i = 0; i < classes.length && found < matchCount; i++) {
        const one = classes[i]!
        if (!isMatch[i]) {
          before.set(one, (before.get(one) ?? 0) + 1)
          isOpen = true
          continue
        }
        if (isOpen) probability = fewerThan(k, Array.from(before, ([other, count]) => count / sizes.get(other)!))
        isOpen = false
        found++
        sum += probability
        // Deeper matches are less probable still.
        if (probability === 0) break
      }
      return sum / matchCount
    },
  }
}

/** P(fewer than k of some independent events happen), by their probabilities. */
function fewerThan(k: number, probabilities: readonly number[]): number {
  // exactly[j]: the probability that j of those so far happen, j < k.
  const exactly = new Float64Array(k)
  exactly[0] = 1
  for (const p of probabilities) {
    for (let j = k - 1; j > 0; j--) exactly[j] = exactly[j]! * (1 - p) + exactly[j - 1]! * p
    exactly[0]! *= 1 - p
  }
  return Math.min(1, exactly.reduce((sum, one) => sum + one, 0))
}
