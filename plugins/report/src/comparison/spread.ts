/** A figure of the runs of a method. */
export interface Spread {
  readonly mean: number
  /** Standard deviation of the sample (÷ n − 1); absent for a single run. */
  readonly deviation?: number
  /** Runs that have the figure. */
  readonly count: number
}

/** Mean and standard deviation (÷ n − 1) of some figures, one a run; `undefined` of none. */
export function spreadOf(values: readonly number[]): Spread | undefined {
  const count = values.length
  if (count === 0) return undefined
  const mean = values.reduce((sum, value) => sum + value, 0) / count
  if (count === 1) return { mean, count }
  return { mean, deviation: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1)), count }
}
