import * as tf from '@tensorflow/tfjs-core'
import { OptionError, type LabelRelations, type Reducer } from '@metric-learning/contracts'
import { divNoNan, withoutGradient } from '@metric-learning/ops'
import { MeanReducer } from './mean-reducer.js'
import { SelectionReducer, type UnreducedTerm } from './selection-reducer.js'
import { whereSelected } from './weighted-mean.js'

/**
 * From the pairs of each anchor to one value.
 *
 * @param values float32 [n, m], 0 where not selected
 * @param weights how often each counts, float32 [n, m]; a constant
 * @returns float32 [n]
 */
export type PerAnchorAggregation = (values: tf.Tensor2D, weights: tf.Tensor2D) => tf.Tensor1D

/** Options of {@link PerAnchorReducer}. */
export interface PerAnchorReducerOptions {
  /** From the values of the anchors to one number. Default {@link MeanReducer}. */
  readonly reducer?: Reducer
  /** Default: the mean of an anchor's pairs, 0 for an anchor without pairs. */
  readonly aggregationFunc?: PerAnchorAggregation
}

/**
 * First one value for each anchor from its selected pairs, then one number from these: an anchor with many pairs
 * counts as much as one with few.
 *
 * An anchor without pairs has the value 0 and counts as well; take {@link AvgNonZeroReducer} as `reducer` where it
 * should not. Elements go to `reducer` as they are.
 *
 * @formula R = \frac{1}{n} \sum_a \frac{\sum_j w_{aj} v_{aj}}{\sum_j w_{aj}}
 * @useWhen Losses over pairs in batches whose classes differ in size: a sample of a large class would otherwise count more.
 * @example const loss = new ContrastiveLoss({ reducer: new PerAnchorReducer({ reducer: new AvgNonZeroReducer() }) })
 * @throws {OptionError} when an option is unknown; in {@link reduce} for triplets.
 */
export class PerAnchorReducer extends SelectionReducer {
  readonly reducer: Reducer
  readonly #aggregate: PerAnchorAggregation

  constructor(options: PerAnchorReducerOptions = {}) {
    super('PerAnchorReducer', options, ['reducer', 'aggregationFunc'])
    this.reducer = options.reducer ?? new MeanReducer()
    this.#aggregate = options.aggregationFunc ?? meanOfRows
  }

  expectTerms(who: string, terms: readonly string[]): void {
    this.reducer.expectTerms?.(who, terms)
  }

  protected reduceSelected(term: UnreducedTerm, labels: LabelRelations, name: string): tf.Scalar {
    if (term.over === 'triplet') {
      throw new OptionError({
        who: this.name,
        wanted: 'a loss over elements or pairs',
        got: `triplets in the term ${name}`,
        fix: 'Take another reducer for this loss, such as MeanReducer.',
      })
    }
    if (term.over === 'element') return this.reducer.reduce(term, labels, name)
    const weights = term.weights as tf.Tensor2D
    const values = this.#aggregate(whereSelected(term.values, weights) as tf.Tensor2D, weights)
    return this.reducer.reduce({ ...term, over: 'element', values, weights: tf.onesLike(values) }, labels, name)
  }
}

function meanOfRows(values: tf.Tensor2D, weights: tf.Tensor2D): tf.Tensor1D {
  const shares = withoutGradient(() => divNoNan<tf.Tensor2D>(weights, tf.sum(weights, 1, true)))
  return tf.sum<tf.Tensor1D>(tf.mul(values, shares), 1)
}
