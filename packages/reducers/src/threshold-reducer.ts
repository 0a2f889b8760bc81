import { expectNumber, OptionError, type TermBlock } from '@metric-learning/contracts'
import type { Schedulable } from '@metric-learning/ops'
import { countWithin } from './count-within.js'
import { WeightedReducer, type Counted } from './weighted-reducer.js'

/** Options of {@link ThresholdReducer}: at least one of the two. */
export interface ThresholdReducerOptions {
  /** Values at or below this do not count. In units of the loss. Default: no lower bound. May be scheduled. */
  readonly low?: Schedulable
  /** Values at or above this do not count. In units of the loss. Default: no upper bound. May be scheduled. */
  readonly high?: Schedulable
}

/**
 * The mean of the selected values v with low < v < high, Σ w v / Σ w over these; 0 when there is none.
 *
 * A selected NaN is not hidden: the mean is NaN then.
 *
 * @formula R = \frac{\sum_{l < v_i < h} w_i v_i}{\sum_{l < v_i < h} w_i}
 * @useWhen Values beyond some cost are mistakes in the labels most likely (`high`), or too small to be worth a step (`low`).
 * @example const loss = new TripletMarginLoss({ reducer: new ThresholdReducer({ low: 0, high: 0.5 }) })
 * @throws {OptionError} when neither bound is given, or one is not a finite number.
 */
export class ThresholdReducer extends WeightedReducer {
  readonly low: Schedulable | undefined
  readonly high: Schedulable | undefined

  constructor(options: ThresholdReducerOptions) {
    super('ThresholdReducer', options, ['low', 'high'])
    const { low, high } = options
    if (low === undefined && high === undefined) {
      throw new OptionError({ who: this.name, wanted: '`low` or `high`', got: 'neither', fix: 'Pass at least one of the two.' })
    }
    if (low !== undefined) expectNumber(this.name, 'low', low)
    if (high !== undefined) expectNumber(this.name, 'high', high)
    this.low = low
    this.high = high
  }

  protected count(term: TermBlock): Counted {
    return countWithin(term, this)
  }
}
