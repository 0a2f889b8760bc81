import * as tf from '@tensorflow/tfjs-core'
import { ShapeError, withoutGradient } from '@metric-learning/core'
import { SelectionReducer, type UnreducedTerm } from './selection-reducer.js'
import { weightedSum } from './weighted-sum.js'

/**
 * The sum of the selected values divided by what the loss says, Σ w v / divisor; 0 with gradient 0 for the divisor 0.
 *
 * @throws {ShapeError} in {@link reduce} when the term of a loss has no divisor.
 */
export class DivisorReducer extends SelectionReducer {
  constructor(options: Record<string, never> = {}) {
    super('DivisorReducer', options)
  }

  protected reduceSelected({ values, weights, divisor }: UnreducedTerm, _labels: unknown, term: string): tf.Scalar {
    if (!divisor) {
      throw new ShapeError({
        who: this.name,
        wanted: `a \`divisor\` in the term ${term}`,
        got: 'none',
        fix: 'Take MeanReducer, or a loss that names a divisor: MarginLoss, ProxyAnchorLoss, SparseCentersRegularizer.',
      })
    }
    // tf.divNoNan itself has no gradient.
    return tf.mul(weightedSum(values, weights), withoutGradient(() => tf.divNoNan<tf.Scalar>(1, divisor)))
  }
}
