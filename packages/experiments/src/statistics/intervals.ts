import jstat from 'jstat'

/** A mean with the interval in which it lies with a confidence of 95 %, by Student's t distribution. */
export interface MeanInterval {
  readonly mean: number
  /** Half the length of the interval; `undefined` of a single value. */
  readonly half?: number
  readonly count: number
}

/** A paired difference: of each repeat that of one method and that of another. */
export interface PairedDifference extends MeanInterval {
  /** Of the two-sided paired t test that the mean is 0; `undefined` of a single pair. */
  readonly p?: number
}

const CONFIDENCE = 0.95

/** mean ± t(n - 1, 97.5 %) · s / √n, with s the sample standard deviation. Of no value NaN. */
export function meanInterval(values: readonly number[]): MeanInterval {
  const count = values.length
  const mean = values.reduce((sum, value) => sum + value, 0) / count
  if (count < 2) return { mean, count }
  return { mean, count, half: jstat.studentt.inv(1 - (1 - CONFIDENCE) / 2, count - 1) * standardError(values, mean) }
}

/** Of values that belong together one by one. */
export function pairedDifference(values: readonly number[], others: readonly number[]): PairedDifference {
  const differences = values.map((value, i) => value - others[i]!)
  const interval = meanInterval(differences)
  if (interval.count < 2) return interval
  const error = standardError(differences, interval.mean)
  // Repeats that differ by the very same number say that methods differ; those that do not differ at all, that they don't.
  if (error === 0) return { ...interval, p: interval.mean === 0 ? 1 : 0 }
  return { ...interval, p: 2 * (1 - jstat.studentt.cdf(Math.abs(interval.mean / error), interval.count - 1)) }
}

/** Holm's correction of p values for many comparisons: adjusted p values, in their order. */
export function holm(ps: readonly number[]): readonly number[] {
  const order = [...ps.keys()].sort((a, b) => ps[a]! - ps[b]!)
  const adjusted = new Array<number>(ps.length)
  let most = 0
  order.forEach((i, rank) => {
    most = Math.max(most, Math.min(1, (ps.length - rank) * ps[i]!))
    adjusted[i] = most
  })
  return adjusted
}

const standardError = (values: readonly number[], mean: number): number => Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1) / values.length)
