import { Random, rowsByLabel } from '@metric-learning/contracts'

/** Euclidean distances of pairs of embeddings. */
export interface PairDistances {
  /** Of pairs of one class. */
  readonly positive: Float64Array
  /** Of pairs of two classes. */
  readonly negative: Float64Array
}

export interface PairSampleOptions {
  /** Pairs of each kind. Default 10,000. */
  readonly pairs?: number
  /** Equal seeds draw equal pairs. Default 0. */
  readonly seed?: number
}

/**
 * Distances of pairs that are drawn at random, with replacement: an anchor among all samples that have such a pair, then its partner among
 * those of its class, or of the others. So each sample counts the same, however large its class is.
 *
 * @param values row-major [rows, dim]
 * @returns `undefined` where there is no pair of one class, or none of two
 */
export function samplePairDistances(
  values: ArrayLike<number>,
  dim: number,
  labels: ArrayLike<number>,
  { pairs = 10_000, seed = 0 }: PairSampleOptions = {},
): PairDistances | undefined {
  const classes = rowsByLabel(labels)
  const paired = Array.from(labels, (_, row) => row).filter((row) => classes.get(labels[row]!)!.length > 1)
  if (paired.length === 0 || classes.size < 2) return undefined
  const random = Random.at(seed, 'samplePairDistances')
  const distance = (a: number, b: number) => {
    let sum = 0
    for (let i = 0; i < dim; i++) sum += (values[a * dim + i]! - values[b * dim + i]!) ** 2
    return Math.sqrt(sum)
  }
  const other = (row: number, among: { readonly length: number }, at: (place: number) => number, isPartner: (row: number) => boolean): number => {
    for (;;) {
      const found = at(random.int(among.length))
      if (found !== row && isPartner(found)) return found
    }
  }
  const positive = Float64Array.from({ length: pairs }, () => {
    const anchor = paired[random.int(paired.length)]!
    const own = classes.get(labels[anchor]!)!
    return distance(anchor, other(anchor, own, (place) => own[place]!, () => true))
  })
  const negative = Float64Array.from({ length: pairs }, () => {
    const anchor = random.int(labels.length)
    return distance(anchor, other(anchor, labels, (place) => place, (row) => labels[row] !== labels[anchor]))
  })
  return { positive, negative }
}

/** How distances of the two kinds of pairs are spread over the same bins. */
export interface DistanceHistogram {
  /** Edges of the bins, one more than there are bins. */
  readonly edges: readonly number[]
  /** Share of positive pairs in each bin. */
  readonly positive: readonly number[]
  /** Share of negative pairs in each bin. */
  readonly negative: readonly number[]
  /** Overlap coefficient, the sum over bins of the smaller share: 0 where a threshold tells all pairs apart, 1 where both are spread alike. */
  readonly overlap: number
}

/**
 * Counts distances in bins of equal width, from the smallest to the largest.
 *
 * @see Inman and Bradley, The overlapping coefficient as a measure of agreement between probability distributions, 1989.
 */
export function distanceHistogram({ positive, negative }: PairDistances, bins = 40): DistanceHistogram {
  const extreme = (pick: (a: number, b: number) => number) => [positive, negative].map((values) => values.reduce((best, value) => pick(best, value))).reduce((a, b) => pick(a, b))
  const [low, high] = [extreme(Math.min), extreme(Math.max)]
  const width = (high - low) / bins || 1 / bins
  const shares = (values: Float64Array) => {
    const counts = new Array<number>(bins).fill(0)
    for (const value of values) counts[Math.min(bins - 1, Math.floor((value - low) / width))]! += 1
    return counts.map((count) => count / values.length)
  }
  const [ofPositive, ofNegative] = [shares(positive), shares(negative)]
  return {
    edges: Array.from({ length: bins + 1 }, (_, i) => low + i * width),
    positive: ofPositive,
    negative: ofNegative,
    overlap: ofPositive.reduce((sum, share, bin) => sum + Math.min(share, ofNegative[bin]!), 0),
  }
}
