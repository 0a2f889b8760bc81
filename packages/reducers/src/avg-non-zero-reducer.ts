import type * as tf from '@tensorflow/tfjs-core'
import { meanWithin } from './mean-within.js'
import { SelectionReducer, type UnreducedTerm } from './selection-reducer.js'

/**
 * The mean of the selected values that are above 0, Σ w v [v > 0] / Σ w [v > 0]; 0 when there is none.
 *
 * For hinge losses: what satisfies the margin already does not dilute what does not. A selected NaN
 * is not hidden: the mean is NaN then.
 */
export class AvgNonZeroReducer extends SelectionReducer {
  constructor(options: Record<string, never> = {}) {
    super('AvgNonZeroReducer', options)
  }

  protected reduceSelected(term: UnreducedTerm): tf.Scalar {
    return meanWithin(term, { low: 0 })
  }
}
