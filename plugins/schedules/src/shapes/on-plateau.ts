import { expectFixedNumber, expectKnownOptions, expectNumber, expectOneOf, expectText } from '@metric-learning/contracts'

export interface OnPlateauOptions {
  /** Tag of what is watched, such as `val/precisionAt1` or `train/loss`. */
  readonly metric: string
  /** Whether the metric gets better downwards, as a loss, or upwards, as an accuracy. */
  readonly mode: 'min' | 'max'
  /** γ, what is left of the value after a reduction; from 0 to below 1. Default 0.1. */
  readonly factor?: number
  /** Looks without progress that are borne; the next one reduces. Default 10. */
  readonly patience?: number
  /** θ, how much better counts as progress; at least 0. Default 1e-4. */
  readonly threshold?: number
  /** Whether θ is a share of the best or a difference. Default `'rel'`. */
  readonly thresholdMode?: 'rel' | 'abs'
  /** Looks after a reduction that don't count as without progress. Default 0. */
  readonly cooldown?: number
  /** e, below which the value is not reduced; at least 0. Default 0. */
  readonly minValue?: number
}

/** What a plateau remembers. */
export interface PlateauState {
  /** The best so far; null before the first finite value. */
  readonly best: number | null
  /** Looks without progress in a row. */
  readonly badCount: number
  /** Looks of the cooldown that are left. */
  readonly cooldown: number
  /** Product of the reductions so far. */
  readonly factor: number
}

/** The course of a number that follows a metric: a rule for what is remembered after each look, as plain data. */
export interface Plateau {
  readonly metric: string
  readonly begin: PlateauState
  /** What is remembered after one more value of the metric. */
  next(state: PlateauState, value: number): PlateauState
  /** The number's value, given the one that it had before the run. */
  valueAt(state: PlateauState, initial: number): number
}

/**
 * Reduces a number when a metric makes no more progress. A look is one value of the metric: an evaluation, or, of
 * what the trainer logs of its steps (`train/loss` and its terms, speed), the mean of an epoch. After each look, with m the metric
 * and b its best so far:
 *
 *     progress: m < b(1 - θ) or m < b - θ for `'min'`, m > b(1 + θ) or m > b + θ for `'max'`
 *     after more than `patience` looks without: value ← max(γ · value, e)
 *
 * NaN, and no value, is no progress. What it remembers is saved with the run.
 *
 * @throws {OptionError} when an option is unknown, missing or out of range.
 * @see torch.optim.lr_scheduler.ReduceLROnPlateau, whose `min_lr` is `minValue` here; there `mode` is `'min'` unless it is
 * given, and reductions by at most 1e-8 are left out.
 */
export function onPlateau(options: OnPlateauOptions): Plateau {
  const known = ['metric', 'mode', 'factor', 'patience', 'threshold', 'thresholdMode', 'cooldown', 'minValue']
  expectKnownOptions('onPlateau', options, known)
  const { metric, mode, factor = 0.1, patience = 10, threshold = 1e-4, thresholdMode = 'rel', cooldown = 0, minValue = 0 } = options
  expectText('onPlateau', 'metric', metric, "the tag of a logged number, such as 'val/precisionAt1'")
  expectOneOf('onPlateau', 'mode', mode, ['min', 'max'])
  expectOneOf('onPlateau', 'thresholdMode', thresholdMode, ['rel', 'abs'])
  expectFixedNumber('onPlateau', 'factor', factor, { min: 0, max: 1 - Number.EPSILON, hint: 'Pass a share below 1, such as 0.1.' })
  expectFixedNumber('onPlateau', 'threshold', threshold, { min: 0 })
  expectFixedNumber('onPlateau', 'minValue', minValue, { min: 0 })
  for (const [option, value] of Object.entries({ patience, cooldown })) {
    expectNumber('onPlateau', option, value, { min: 0, integer: true })
  }
  const sign = mode === 'min' ? -1 : 1
  const goal = (best: number) => (thresholdMode === 'rel' ? best * (1 + sign * threshold) : best + sign * threshold)
  const isProgress = (value: number, best: number | null) =>
    Number.isFinite(value) && (best === null || sign * value > sign * goal(best))

  return {
    metric,
    begin: { best: null, badCount: 0, cooldown: 0, factor: 1 },
    next(state, value) {
      const progress = isProgress(value, state.best)
      const best = progress ? value : state.best
      // The reduction before has set the count to 0.
      if (state.cooldown > 0) return { ...state, best, cooldown: state.cooldown - 1 }
      const badCount = progress ? 0 : state.badCount + 1
      if (badCount <= patience) return { ...state, best, badCount }
      return { best, badCount: 0, cooldown, factor: state.factor * factor }
    },
    valueAt: (state, initial) => (state.factor === 1 ? initial : Math.max(initial * state.factor, minValue)),
  }
}
