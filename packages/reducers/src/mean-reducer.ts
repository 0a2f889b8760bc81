import type * as tf from '@tensorflow/tfjs-core'
import { SelectionReducer, type UnreducedTerm } from './selection-reducer.js'
import { weightedMean } from './weighted-mean.js'

/** The mean of the selected values, Σ w v / Σ w; 0 when nothing is selected. */
export class MeanReducer extends SelectionReducer {
  constructor(options: Record<string, never> = {}) {
    super('MeanReducer', options)
  }

  protected reduceSelected({ values, weights }: UnreducedTerm): tf.Scalar {
    return weightedMean(values, weights)
  }
}
