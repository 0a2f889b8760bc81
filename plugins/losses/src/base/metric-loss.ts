import * as tf from '@tensorflow/tfjs-core'
import {
  expectKnownOptions,
  expectMethods,
  expectNumber,
  OptionError,
  type ComputeOptions,
  type Distance,
  type LabelRelations,
  type Labels,
  type LabelUse,
  type Loss,
  type LossTerm,
  type LossTerms,
  type Parameters,
  type Reducer,
  type Regularizer,
} from '@metric-learning/contracts'
import { expectBackend, tensorOf, type Schedulable } from '@metric-learning/ops'
import { compareByPolicy, type LabelPolicy } from './label-policy.js'
import { LossInputs } from './loss-inputs.js'

/** Options every loss takes. */
export interface MetricLossOptions {
  /** How embeddings are compared. Each loss names its default. */
  readonly distance?: Distance
  /** How the terms of the loss become one number. Each loss names its default. */
  readonly reducer?: Reducer
  /** A price on the shape of the embeddings, a term `embeddingRegLoss` beside those of the loss. Default: none. */
  readonly embeddingRegularizer?: Regularizer
  /** Factor of that price. Default 1. May be scheduled. */
  readonly embeddingRegWeight?: Schedulable
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
  /** Whether a selection makes sense. Default true. */
  readonly takesSelections?: boolean
  /** Whether it is about the classes of a data set. Default false. */
  readonly overClasses?: boolean
  /** Whether labels are needed. Default `'needed'`. Other losses and the trainer see `'unlessSelected'` as that. */
  readonly labels?: LabelPolicy
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
  readonly embeddingRegularizer: Regularizer | undefined
  readonly embeddingRegWeight: Schedulable
  readonly labels: LabelUse
  readonly takesReferences: boolean
  readonly takesSelections: boolean
  readonly overClasses: boolean
  readonly #labelPolicy: LabelPolicy
  readonly #parameters = new Map<string, tf.Variable>()
  readonly #buffers = new Map<string, tf.Variable>()

  constructor(
    readonly name: string,
    options: MetricLossOptions,
    setup: MetricLossSetup,
  ) {
    expectKnownOptions(name, options, [...setup.options, 'distance', 'reducer', 'embeddingRegularizer', 'embeddingRegWeight'])
    const { embeddingRegularizer, embeddingRegWeight = 1 } = options
    expectNumber(name, 'embeddingRegWeight', embeddingRegWeight)
    expectParts(name, options)
    this.distance = options.distance ?? setup.distance()
    this.reducer = options.reducer ?? setup.reducer()
    this.embeddingRegularizer = embeddingRegularizer
    this.embeddingRegWeight = embeddingRegWeight
    this.#labelPolicy = setup.labels ?? 'needed'
    this.labels = this.#labelPolicy === 'unlessSelected' ? 'needed' : this.#labelPolicy
    this.takesReferences = setup.takesReferences ?? true
    this.takesSelections = setup.takesSelections ?? true
    this.overClasses = setup.overClasses ?? false
  }

  get parameters(): Parameters {
    return this.#parameters
  }

  get buffers(): Parameters {
    return this.#buffers
  }

  /**
   * The formula: named terms, each a value for every element, pair or triplet and how often it counts.
   * It runs inside `tf.tidy`, and must not read a value back from the device.
   */
  protected abstract computeTerms(inputs: LossInputs): LossTerms

  /**
   * @param labels one integer a row, or relations that were worked out before; `undefined` where a loss does without
   */
  compute(embeddings: tf.Tensor2D, labels: Labels | LabelRelations | undefined, options: ComputeOptions = {}): tf.Scalar {
    return tf.tidy(() => {
      const inputs = this.#inputs(embeddings, labels, options)
      const terms = this.#allTerms(inputs)
      this.reducer.expectTerms?.(this.name, Object.keys(terms))
      const reduced = Object.entries(terms).map(([name, term]) => this.reducer.reduce(term, inputs.relations, name))
      return reduced.length === 1 ? reduced[0]! : tf.addN(reduced)
    })
  }

  /** The terms before they are reduced, for loops of one's own; arguments as in {@link compute}. */
  terms(embeddings: tf.Tensor2D, labels: Labels | LabelRelations | undefined, options: ComputeOptions = {}): LossTerms {
    let terms: LossTerms = {}
    tf.tidy(() => {
      const given = Object.entries(this.#allTerms(this.#inputs(embeddings, labels, options)))
      terms = Object.fromEntries(given.map(([name, term]) => [name, wholeTerm(term)]))
      return Object.values(terms).flatMap(({ values, weights, divisor }) =>
        [values, weights, divisor].filter((tensor) => tensor !== undefined),
      )
    })
    return terms
  }

  /** Frees the learnable weights and the buffers. */
  dispose(): void {
    tf.dispose([...this.#parameters.values(), ...this.#buffers.values()])
  }

  /** Makes a learnable weight, to be called in constructors; `init` is freed again. */
  protected addParameter<R extends tf.Rank>(name: string, init: () => tf.Tensor<R>): tf.Variable<R> {
    expectBackend(this.name)
    const variable = tf.tidy(() => tf.variable(init()))
    this.#parameters.set(name, variable as tf.Variable)
    return variable
  }

  /** Makes a buffer, to be called in constructors: state that calls change by assignment, not by gradients. */
  protected addBuffer<R extends tf.Rank>(name: string, init: () => tf.Tensor<R>): tf.Variable<R> {
    expectBackend(this.name)
    const variable = tf.tidy(() => tf.variable(init(), false))
    this.#buffers.set(name, variable as tf.Variable)
    return variable
  }

  #allTerms(inputs: LossInputs): LossTerms {
    const terms = this.computeTerms(inputs)
    const { embeddingRegularizer, embeddingRegWeight } = this
    if (!embeddingRegularizer) return terms
    return { ...terms, embeddingRegLoss: regularizationTerm(embeddingRegularizer, inputs.embeddings, embeddingRegWeight) }
  }

  #inputs(embeddings: tf.Tensor2D, labels: Labels | LabelRelations | undefined, options: ComputeOptions): LossInputs {
    expectKnownOptions(`${this.name}.compute`, options, ['selection', 'references'])
    if (options.references && !this.takesReferences) {
      throw new OptionError({
        who: this.name,
        wanted: 'no `references`',
        got: 'a reference set',
        fix: 'This loss compares a batch with itself or with its own weights; leave `references` out.',
      })
    }
    if (options.selection && !this.takesSelections) {
      throw new OptionError({
        who: this.name,
        wanted: 'no `selection`',
        got: 'one',
        fix: 'This loss looks at the whole batch; leave `selection`, or the miner, out.',
      })
    }
    const { references, selection } = options
    const comparison = compareByPolicy(this.name, this.#labelPolicy, { embeddings, labels, references, isSelected: !!selection })
    return new LossInputs(this.name, comparison, selection, labels !== undefined && labels !== null)
  }
}

/** The price that a regularizer puts on rows, as a term of a loss: reduced already. */
export function regularizationTerm(regularizer: Regularizer, rows: tf.Tensor2D, weight: Schedulable): LossTerm {
  return { over: 'reduced', values: tf.mul(regularizer.compute(rows), tensorOf(weight)) }
}

/** A term with all of its values, be they in blocks or not. */
function wholeTerm(term: LossTerm): LossTerm {
  if (!term.blocks) return term
  const { over, values, weights, divisor } = term
  return { over, values, ...(weights && { weights }), ...(divisor && { divisor }) }
}

/** Checks that distance, reducer and regularizer are objects, neither classes nor names. */
function expectParts(who: string, { distance, reducer, embeddingRegularizer }: MetricLossOptions): void {
  if (distance) expectMethods(who, 'distance', distance, ['matrix', 'margin'], 'new LpDistance()')
  if (reducer) expectMethods(who, 'reducer', reducer, ['reduce'], 'new MeanReducer()')
  if (embeddingRegularizer) expectMethods(who, 'embeddingRegularizer', embeddingRegularizer, ['compute'], 'new LpRegularizer()')
}
