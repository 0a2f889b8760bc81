import type * as tf from '@tensorflow/tfjs-core'
import { expectKnownOptions, type LabelRelations, type LossTerm, type Reducer } from '@metric-learning/contracts'
import { MeanReducer } from './mean-reducer.js'

/** Options of {@link MultipleReducers}. */
export interface MultipleReducersOptions {
  /** The reducer of each term, by the names that the loss gives to its terms, such as `posLoss`. */
  readonly reducers: Readonly<Record<string, Reducer>>
  /** For the other terms. Default {@link MeanReducer}. */
  readonly defaultReducer?: Reducer
}

/**
 * A reducer for each term of a loss. The loss adds up what they give.
 *
 * @useWhen Terms of one loss should be reduced differently, such as positive and negative pairs.
 * @example const loss = new ContrastiveLoss({ reducer: new MultipleReducers({ reducers: { negLoss: new SumReducer() } }) })
 * @throws {OptionError} when an option is unknown.
 */
export class MultipleReducers implements Reducer {
  readonly name = 'MultipleReducers'
  readonly reducers: Readonly<Record<string, Reducer>>
  readonly defaultReducer: Reducer

  constructor(options: MultipleReducersOptions) {
    expectKnownOptions(this.name, options, ['reducers', 'defaultReducer'])
    this.reducers = options.reducers
    this.defaultReducer = options.defaultReducer ?? new MeanReducer()
  }

  /**
   * Checks that every reducer is for a term that there is.
   *
   * @param who the loss
   * @throws {OptionError} which lists the terms.
   */
  expectTerms(who: string, terms: readonly string[]): void {
    expectKnownOptions(`${who}, reducers of ${this.name}`, this.reducers, terms)
  }

  reduce(term: LossTerm, labels: LabelRelations, name: string): tf.Scalar {
    return (this.reducers[name] ?? this.defaultReducer).reduce(term, labels, name)
  }
}
