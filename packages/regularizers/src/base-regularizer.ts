import * as tf from '@tensorflow/tfjs-core'
import {
  expectKnownOptions,
  expectShape,
  type Distance,
  type LossTerm,
  type LossTerms,
  type Reducer,
  type Regularizer,
} from '@metric-learning/contracts'
import { LpDistance } from '@metric-learning/distances'
import { relationsOf } from '@metric-learning/ops'
import { MeanReducer } from '@metric-learning/reducers'

/** Options every regularizer takes. */
export interface RegularizerOptions {
  /** How rows are compared. Each regularizer names its default. */
  readonly distance?: Distance
  /** From the rows' prices to one number. Default {@link MeanReducer}, unless a regularizer names another. */
  readonly reducer?: Reducer
}

/** What a regularizer says about itself. */
export interface RegularizerSetup {
  /** The options that it takes beyond {@link RegularizerOptions}. Default: none. */
  readonly options?: readonly string[]
  /** Makes the distance to use when none is given. Default {@link LpDistance}. */
  readonly distance?: () => Distance
  /** Makes the reducer to use when none is given. Default {@link MeanReducer}. */
  readonly reducer?: () => Reducer
}

/** What a regularizer computes: values over elements, each of them counted once. */
export type RegularizerTerm = Pick<LossTerm, 'values' | 'divisor' | 'classes'>

/**
 * What all regularizers share: options, checks, reduction. One of one's own adds its formula:
 *
 * @example
 * class UnitNormRegularizer extends BaseRegularizer {
 *   constructor(options: RegularizerOptions = {}) {
 *     super('UnitNormRegularizer', options)
 *   }
 *   protected computeTerm(rows: tf.Tensor2D) {
 *     return { values: tf.square(tf.sub(this.distance.norm(rows), 1)) }
 *   }
 * }
 * @throws {OptionError} when an option is unknown.
 */
export abstract class BaseRegularizer implements Regularizer {
  readonly distance: Distance
  readonly reducer: Reducer

  constructor(
    readonly name: string,
    options: RegularizerOptions,
    setup: RegularizerSetup = {},
  ) {
    expectKnownOptions(name, options, [...(setup.options ?? []), 'distance', 'reducer'])
    this.distance = options.distance ?? setup.distance?.() ?? new LpDistance()
    this.reducer = options.reducer ?? setup.reducer?.() ?? new MeanReducer()
  }

  /** The formula: float32 [k]. It runs inside `tf.tidy`. */
  protected abstract computeTerm(rows: tf.Tensor2D): RegularizerTerm

  compute(rows: tf.Tensor2D): tf.Scalar {
    return tf.tidy(() => {
      const everyRowAClass = relationsOf(Int32Array.from({ length: rows.shape[0] }, (_, row) => row))
      return this.reducer.reduce(this.#term(rows), everyRowAClass, 'loss')
    })
  }

  terms(rows: tf.Tensor2D): LossTerms {
    let terms: LossTerms = {}
    tf.tidy(() => {
      const term = this.#term(rows)
      terms = { loss: term }
      return [term.values, term.weights!, ...(term.divisor ? [term.divisor] : [])]
    })
    return terms
  }

  #term(rows: tf.Tensor2D): LossTerm {
    expectShape(this.name, 'rows', rows, ['n', 'dim'])
    const term = this.computeTerm(rows)
    return { ...term, over: 'element', weights: tf.ones(term.values.shape) }
  }
}
