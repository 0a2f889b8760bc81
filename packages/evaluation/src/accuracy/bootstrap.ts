import { expectFixedNumber, expectKnownOptions, Random } from '@metric-learning/contracts'
import { turnOfEventLoop } from '@metric-learning/ops'
import type { QueryAverages } from './query-averages.js'

export interface BootstrapOptions {
  /** How often queries are drawn. Default 1000. */
  readonly resamples?: number
  /** Probability that an interval covers the metric, such as 0.95. Default 0.95. */
  readonly confidence?: number
}

/** Where a metric would lie were other queries drawn, and looked up among the same references. */
export interface ConfidenceInterval {
  readonly lower: number
  readonly upper: number
}

/** @throws {OptionError} when an option is unknown or out of range. */
export function expectBootstrap(options: BootstrapOptions): void {
  const who = 'AccuracyCalculator, bootstrap'
  expectKnownOptions(who, options, ['resamples', 'confidence'])
  const { resamples = 1000, confidence = 0.95 } = options
  expectFixedNumber(who, 'resamples', resamples, { min: 2, integer: true })
  expectFixedNumber(who, 'confidence', confidence, { min: 0, exclusiveMin: true, max: 0.9999, hint: 'It is a probability below 1, such as 0.95.' })
}

/**
 * Percentile intervals by the bootstrap: as many queries as there are are drawn from them with replacement, and metrics are averaged over these;
 * of all such averages the middle share `confidence` is the interval. All metrics see the same draws.
 *
 * @param values of each metric a number for each query that is judged
 * @param byClass averages are means of the means of classes
 * @see Efron, Tibshirani, An Introduction to the Bootstrap, chapter 13.
 */
export async function bootstrapIntervals<Name extends string>(
  values: ReadonlyMap<Name, Float64Array>,
  averages: QueryAverages,
  byClass: boolean,
  { resamples = 1000, confidence = 0.95 }: BootstrapOptions,
  seed: number,
): Promise<Partial<Record<Name, ConfidenceInterval>>> {
  const random = Random.at(seed, 'AccuracyCalculator.bootstrap')
  const queries = averages.judged.length
  const means = new Map([...values.keys()].map((name) => [name, new Float64Array(resamples)]))
  const drawn = new Int32Array(queries)
  for (let resample = 0; resample < resamples; resample++) {
    for (let i = 0; i < queries; i++) drawn[i] = random.int(queries)
    for (const [name, own] of values) means.get(name)![resample] = averages.meanOfDrawn(own, drawn, byClass)
    await turnOfEventLoop()
  }
  const tail = (1 - confidence) / 2
  const intervals = [...means].map(([name, own]) => [name, { lower: quantile(own.sort(), tail), upper: quantile(own, 1 - tail) }])
  return Object.fromEntries(intervals) as Partial<Record<Name, ConfidenceInterval>>
}

/** Between the two numbers next to it, as NumPy's `quantile` has it. */
function quantile(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1)
  const below = Math.floor(at)
  const above = Math.min(below + 1, sorted.length - 1)
  return sorted[below]! + (at - below) * (sorted[above]! - sorted[below]!)
}
