import * as tf from '@tensorflow/tfjs-core'
import {
  compareEmbeddings,
  expectKnownOptions,
  OptionError,
  type ComputeOptions,
  type LabelRelations,
  type Labels,
  type Loss,
  type LossTerms,
  type Parameters,
  type Reducer,
} from '@metric-learning/core'
import type { Distance } from '@metric-learning/distances'
import { LossInputs } from './loss-inputs.js'

/** Options every loss takes. */
export interface MetricLossOptions {
  /** How embeddings are compared. Each loss names its default. */
  readonly distance?: Distance
  /** How the terms of the loss become one number. Each loss names its default. */
  readonly reducer?: Reducer
}

/** What a loss says about itself. */
export interface MetricLossSetup {
  /** The options that it takes beyond {@link MetricLossOptions}. */
  readonly options: readonly string[]
  /** Makes the distance to use when none is given. */
  readonly distance: () => Distance
  /** Makes the reducer to use when none is given. */
  readonly reducer: () => Reducer
  /** Whether a reference set makes sense. Default true. */
  readonly takesReferences?: boolean
}

/**
 * What all losses share: options, checks, the forms of a selection, reduction, learnable weights.
 * A loss of one's own adds its formula, as unreduced terms over weights:
 *
 * @example
 * class SpreadLoss extends MetricLoss {
 *   constructor(options: MetricLossOptions = {}) {
 *     super('SpreadLoss', options, {
 *       options: [],
 *       distance: () => new CosineSimilarity(),
 *       reducer: () => new MeanReducer(),
 *     })
 *   }
 *   protected computeTerms(inputs: LossInputs): LossTerms {
 *     const similarities = this.distance.matrix(inputs.embeddings, inputs.references)
 *     return { loss: { over: 'pair', values: tf.square(similarities), weights: inputs.pairs().negative } }
 *   }
 * }
 * @throws {OptionError} when an option is unknown.
 */
export abstract class MetricLoss implements Loss {
  readonly distance: Distance
  readonly reducer: Reducer
  readonly #takesReferences: boolean
  readonly #parameters = new Map<string, tf.Variable>()

  constructor(
    readonly name: string,
    options: MetricLossOptions,
    setup: MetricLossSetup,
  ) {
    expectKnownOptions(name, options, [...setup.options, 'distance', 'reducer'])
    this.distance = options.distance ?? setup.distance()
    this.reducer = options.reducer ?? setup.reducer()
    this.#takesReferences = setup.takesReferences ?? true
  }

  get parameters(): Parameters {
    return this.#parameters
  }

  /**
   * The formula: named terms, each a value for every element, pair or triplet and how often it counts.
   * It runs inside `tf.tidy`, and must not read a value back from the device.
   */
  protected abstract computeTerms(inputs: LossInputs): LossTerms

  compute(embeddings: tf.Tensor2D, labels: Labels | LabelRelations, options: ComputeOptions = {}): tf.Scalar {
    return tf.tidy(() => {
      const inputs = this.#inputs(embeddings, labels, options)
      const reduced = Object.entries(this.computeTerms(inputs)).map(([name, term]) =>
        this.reducer.reduce(term, inputs.relations, name),
      )
      return reduced.length === 1 ? reduced[0]! : tf.addN(reduced)
    })
  }

  /** The terms before they are reduced, for loops of one's own; arguments as in {@link compute}. */
  terms(embeddings: tf.Tensor2D, labels: Labels | LabelRelations, options: ComputeOptions = {}): LossTerms {
    let terms: LossTerms = {}
    tf.tidy(() => {
      terms = this.computeTerms(this.#inputs(embeddings, labels, options))
      return Object.values(terms).flatMap(({ values, weights, divisor }) =>
        [values, weights, divisor].filter((tensor) => tensor !== undefined),
      )
    })
    return terms
  }

  /** Frees the learnable weights. */
  dispose(): void {
    tf.dispose([...this.#parameters.values()])
  }

  /** Makes a learnable weight, to be called in constructors; `init` is freed again. */
  protected addParameter<R extends tf.Rank>(name: string, init: () => tf.Tensor<R>): tf.Variable<R> {
    const variable = tf.tidy(() => tf.variable(init()))
    this.#parameters.set(name, variable as tf.Variable)
    return variable
  }

  #inputs(embeddings: tf.Tensor2D, labels: Labels | LabelRelations, options: ComputeOptions): LossInputs {
    expectKnownOptions(`${this.name}.compute`, options, ['selection', 'references'])
    if (options.references && !this.#takesReferences) {
      throw new OptionError({
        who: this.name,
        wanted: 'no `references`',
        got: 'a reference set',
        fix: 'This loss compares embeddings with its own weights; leave `references` out.',
      })
    }
    const comparison = compareEmbeddings(this.name, embeddings, labels, options.references)
    return new LossInputs(this.name, comparison, options.selection)
  }
}
