import * as tf from '@tensorflow/tfjs-core'
import { expectKnownOptions, ShapeError, type LabelRelations, type LossTerm, type Reducer } from '@metric-learning/contracts'
import { withoutGradient } from '@metric-learning/ops'

/** A term that is still to be reduced, whole: its values all have weights, and no blocks stand for them. */
export type UnreducedTerm = Omit<LossTerm, 'blocks'> & Required<Pick<LossTerm, 'weights'>>

/**
 * What reducers share: a term that is one number already passes through, weights must fit their
 * values, which are over elements [n], pairs [n, m] or triplets [n, k, m], and nothing but the result, float32 [], is left
 * behind. A reducer of one's own is one method:
 *
 * @example
 * class MaxReducer extends SelectionReducer {
 *   constructor() {
 *     super('MaxReducer')
 *   }
 *   protected reduceSelected({ values, weights }: UnreducedTerm) {
 *     return tf.max(whereSelected(values, weights)) as tf.Scalar
 *   }
 * }
 */
export abstract class SelectionReducer implements Reducer {
  /**
   * @param options what the constructor was given, and
   * @param known the options that it takes
   * @throws {OptionError} when an option is unknown.
   */
  constructor(
    readonly name: string,
    options: object = {},
    known: readonly string[] = [],
  ) {
    expectKnownOptions(name, options, known)
  }

  /** One number from the values whose weight is above 0, each counted by its weight; 0 with gradient 0 for none. */
  protected abstract reduceSelected(term: UnreducedTerm, labels: LabelRelations, name: string): tf.Scalar

  reduce(term: LossTerm, labels: LabelRelations, name: string): tf.Scalar {
    if (term.over === 'reduced') return term.values as tf.Scalar
    return tf.tidy(() => this.reduceSelected(withWeights(this.name, term), labels, name))
  }
}

function withWeights(who: string, term: LossTerm): UnreducedTerm {
  const { over, values, weights, divisor, classes } = term
  if (weights === undefined || !tf.util.arraysEqual(values.shape, weights.shape)) {
    throw new ShapeError({
      who,
      wanted: `weights of the shape of the ${term.over} values, [${values.shape.join(', ')}]`,
      got: weights === undefined ? 'none' : `[${weights.shape.join(', ')}]`,
      fix: 'Give every value of a loss term a weight; 0 leaves it out.',
    })
  }
  // Constants, also where a loss has worked them out from its values.
  return { over, values, weights: withoutGradient(() => tf.clone(weights)), ...(divisor && { divisor }), ...(classes && { classes }) }
}
