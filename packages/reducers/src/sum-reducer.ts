import type * as tf from '@tensorflow/tfjs-core'
import { SelectionReducer, type UnreducedTerm } from './selection-reducer.js'
import { weightedSum } from './weighted-sum.js'

/** The sum of the selected values, Σ w v; 0 when nothing is selected. */
export class SumReducer extends SelectionReducer {
  constructor(options: Record<string, never> = {}) {
    super('SumReducer', options)
  }

  protected reduceSelected({ values, weights }: UnreducedTerm): tf.Scalar {
    return weightedSum(values, weights)
  }
}
