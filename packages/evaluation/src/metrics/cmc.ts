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
 * All references of a query are scored in float64 and sorted for it, in time proportional to them: it takes longer than metrics that go by
 * ranks, and is null where the index does not give all of them.
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
    inPercent: true,
    judges: 'neighbours',
    neighbours: 'all',
    compute({ classes, isMatch, matchRanks, matchCount, available }) {
      if (classes.length < available) return NaN
      const gallery = new Gallery(classes, isMatch)
      let [sum, at] = [0, 0]
      // Others since the last match: where there are none, the probability is the same.
      let probability = 1
      for (const rank of matchRanks) {
        const first = at
        for (; at < rank - 1; at++) if (isMatch[at] === 0) gallery.pass(classes[at]!)
        if (at > first) probability = fewerThan(k, gallery.shares())
        at = rank
        sum += probability
        // Deeper matches are less probable still.
        if (probability === 0) break
      }
      return sum / matchCount
    },
  }
}

/** The other classes of a ranking, and how many references of each were passed. */
class Gallery {
  readonly #sizes: Int32Array
  readonly #passed: Int32Array
  /** Classes of which some were passed. */
  readonly #before: number[] = []

  constructor(classes: Int32Array, isMatch: Uint8Array) {
    let most = 0
    for (let i = 0; i < classes.length; i++) if (classes[i]! > most) most = classes[i]!
    this.#sizes = new Int32Array(most + 1)
    this.#passed = new Int32Array(most + 1)
    for (let i = 0; i < classes.length; i++) this.#sizes[classes[i]!]! += 1 - isMatch[i]!
  }

  pass(one: number): void {
    if (this.#passed[one]!++ === 0) this.#before.push(one)
  }

  /** Of each class the share that was passed, where it is some. */
  shares(): number[] {
    return this.#before.map((one) => this.#passed[one]! / this.#sizes[one]!)
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
