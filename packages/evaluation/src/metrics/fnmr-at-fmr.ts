import { expectFixedNumber, expectOneOf } from '@metric-learning/contracts'
import { DistanceCounts } from './distance-counts.js'
import type { NeighbourPool, NoValue, PooledMetric, RankedNeighbours } from './metric.js'

export interface FnmrAtFmrOptions {
  /**
   * Nearest references of each query that are looked at. Fewer than all are much faster. The value is the same, or null where the threshold
   * lies beyond them. Default `'all'`.
   */
  readonly neighbours?: number | 'all'
}

/**
 * FNMR at FMR, of verification: with one threshold for all pairs of a query and a reference, so far out that at most the share `fmr` of
 * pairs of different classes is taken for matches, the share of matching pairs that is beyond it. Smaller is better.
 *
 *     t = the (⌊fmr · I⌋ + 1)-th smallest distance of the I pairs that do not match
 *     FNMR = (matching pairs whose distance is not below t) / (matching pairs)
 *
 * Distances are counted in cells of 2^-17 of their size, so that memory does not grow with the pairs; what is in one cell with t is not
 * below it. Pairs of queries without a match are left out. It is null where fmr · I is below 1, so that the share can't be
 * measured.
 *
 * @throws {OptionError} when `fmr` is not between 0 and 1, or an option is unknown or out of range.
 * @see ISO/IEC 19795-1, Biometric performance testing and reporting; Grother et al., FRVT 1:1.
 * @example new AccuracyCalculator({ metrics: [fnmrAtFmr(0.001)] }) // metrics['fnmrAtFmr0.001']
 */
export function fnmrAtFmr<const Fmr extends number>(fmr: Fmr, { neighbours = 'all' }: FnmrAtFmrOptions = {}): PooledMetric<`fnmrAtFmr${Fmr}`> {
  expectFixedNumber('fnmrAtFmr', 'fmr', fmr, { min: 0, exclusiveMin: true, max: 1, hint: 'It is a share, such as 0.001.' })
  if (typeof neighbours === 'number') expectFixedNumber('fnmrAtFmr', 'neighbours', neighbours, { min: 1, integer: true })
  else expectOneOf('fnmrAtFmr', 'neighbours', neighbours, ['all'])
  return {
    name: `fnmrAtFmr${fmr}`,
    label: `FNMR@${fmr}`,
    title: `false non-match rate at a false match rate of ${fmr}`,
    meaning: `Share of matching pairs that are missed where ${fmr} of all others are let through.`,
    better: 'smaller',
    inPercent: true,
    judges: 'pool',
    neighbours,
    pool: () => new PairPool(fmr),
  }
}

class PairPool implements NeighbourPool {
  readonly #matching = new DistanceCounts()
  readonly #others = new DistanceCounts()
  /** How far was looked, for queries that have more references. */
  readonly #ends = new DistanceCounts()
  #matchingPairs = 0
  #otherPairs = 0
  #order = 0

  constructor(private readonly fmr: number) {}

  add({ distances, isMatch, matchCount, available }: RankedNeighbours): void {
    const count = distances.length
    for (let i = 0; i < count; i++) (isMatch[i] ? this.#matching : this.#others).add(distances[i]!)
    if (count < available) this.#ends.add(distances[count - 1]!)
    this.#matchingPairs += matchCount
    this.#otherPairs += available - matchCount
    this.#order ||= Math.sign(distances[count - 1]! - distances[0]!)
  }

  value(): number | NoValue {
    // 0.29 of 100 are 29, though their product is a last bit less.
    const allowed = Math.floor(this.fmr * this.#otherPairs * (1 + 2 ** -50))
    if (allowed < 1) {
      return { reason: `A false match rate of ${this.fmr} takes ${Math.ceil(1 / this.fmr)} pairs that do not match; there are ${this.#otherPairs}.` }
    }
    // Similarities fall where distances rise.
    const order = this.#order < 0 ? -1 : 1
    const threshold = this.#others.cellAfter(allowed, order)
    const nearestEnd = this.#ends.cellAfter(0, order)
    if (nearestEnd !== undefined && (threshold === undefined || order * (nearestEnd - threshold) < 0)) {
      return { reason: `The threshold lies beyond the \`neighbours\` of some queries: pass more of them.` }
    }
    const found = threshold === undefined ? this.#matching.total : this.#matching.countBefore(threshold, order)
    return 1 - found / this.#matchingPairs
  }
}
