import type * as tf from '@tensorflow/tfjs-core'
import type { LossTerm, TermBlock } from '@metric-learning/contracts'
import { countWithin } from './count-within.js'
import { WeightedReducer, type Counted } from './weighted-reducer.js'

/**
 * The mean of the selected values that are above 0, Σ w v [v > 0] / Σ w [v > 0]; 0 when there is none.
 *
 * For hinge losses: what satisfies the margin already does not dilute what does not. A selected NaN
 * is not hidden: the mean is NaN then. It takes no options.
 *
 * @formula R = \frac{\sum_{v_i > 0} w_i v_i}{\sum_{v_i > 0} w_i}
 * @useWhen Losses with a margin, most of whose values are 0 after a while: the mean over all of them would fade away.
 * @example const loss = new ContrastiveLoss({ reducer: new AvgNonZeroReducer() })
 * @throws {OptionError} when it is given one; {@link reduce} throws {ShapeError} when values lack weights.
 */
export class AvgNonZeroReducer extends WeightedReducer {
  constructor(options: Record<string, never> = {}) {
    super('AvgNonZeroReducer', options)
  }

  protected override known(term: LossTerm): readonly [tf.Scalar, tf.Scalar] | undefined {
    const above = term.aboveZero?.()
    return above && [above.sum, above.count]
  }

  protected count(term: TermBlock): Counted {
    return countWithin(term, { low: 0 })
  }
}
