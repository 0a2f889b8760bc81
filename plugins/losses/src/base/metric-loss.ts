import * as tf from '@tensorflow/tfjs-core'
import {
  expectKnownOptions,
  expectShape,
  LabelError,
  OptionError,
  type Compared,
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
import { expectDistance, type DistanceDemands } from '@metric-learning/distances'
import {
  comparedBy,
  expectBackend,
  expectDrawPosition,
  expectNotDisposed,
  formulaValues,
  option,
  readOptions,
  tensorOf,
  type DeclaredOptions,
  type FormulaValues,
  type GivenOptions,
  type Option,
  type OptionValues,
  type Schedulable,
} from '@metric-learning/ops'
import { reduced } from '../terms/over-elements.js'
import { summedTerms, type FusedTerms } from '../terms/fused-hinges.js'
import { termsByAnchor, type AnchorUnit } from '../terms/terms-by-anchor.js'
import { expectSetup, expectTerms, expectVariables } from './expect-setup.js'
import { compareByPolicy, type LabelPolicy } from './label-policy.js'
import { LossInputs } from './loss-inputs.js'

/** Makes the distance that is used when none is given; `'none'` where a loss compares nothing by distance. */
export type DefaultDistance = (() => Distance) | 'none'

/** The options that every loss has beside its own. */
export type CommonOptions<W extends DefaultDistance> = {
  /** How the terms of the loss become one number. Each loss names its default. */
  readonly reducer: Option<Reducer, 'optional'>
  /** A price on the shape of the embeddings, a term `embeddingRegLoss` beside those of the loss. Default: none. */
  readonly embeddingRegularizer: Option<Regularizer, 'optional'>
  /** Factor of that price. Default 1. May be scheduled. */
  readonly embeddingRegWeight: Option<Schedulable, 'defaulted'>
} & (W extends 'none'
  ? unknown
  : {
      /** How embeddings are compared. Each loss names its default. */
      readonly distance: Option<Distance, 'optional'>
    })

const commonOptions: CommonOptions<'none'> = {
  reducer: option.part<Reducer>(['reduce'], 'new MeanReducer()', { optional: true }),
  embeddingRegularizer: option.part<Regularizer>(['compute'], 'new LpRegularizer()', { optional: true }),
  embeddingRegWeight: option.number({ default: 1 }),
}
/** What formulas call that hold for any distance. */
const distanceMethods = ['matrix', 'betweenRows', 'margin', 'closest', 'normalize'] as const
const distanceOption = { distance: option.part<Distance>(distanceMethods, 'new LpDistance()', { optional: true }) }

/** What a loss takes: its own options, and those that all have. */
export type LossOptions<D extends DeclaredOptions, W extends DefaultDistance> = GivenOptions<D & CommonOptions<W>>

/** The options of a class: `OptionsOf<typeof TripletMarginLoss>`. */
export type OptionsOf<C extends abstract new (...args: never[]) => unknown> = NonNullable<ConstructorParameters<C>[0]>

/** What makes the first values of variables, by their names, and the variables. */
type Initial = Readonly<Record<string, (() => tf.Tensor) | undefined>>
type VariablesOf<I> = {
  readonly [K in keyof I]: NonNullable<I[K]> extends () => tf.Tensor<infer R> ? tf.Variable<R> | (undefined extends I[K] ? undefined : never) : never
}

/** What a loss says about itself; see {@link metricLoss}. */
export interface MetricLossSetup<D extends DeclaredOptions, W extends DefaultDistance, P extends Initial, B extends Initial> {
  readonly name: string
  /** Makes the distance to use when none is given. */
  readonly distance: W
  /** Whether the formula holds for no other distance than the default one, and what else is asked of that. Default: for any. */
  readonly onlyDistance?: true | DistanceDemands
  /** Makes the reducer to use when none is given. */
  readonly reducer: () => Reducer
  /** Its own options. Each becomes a field of the loss. */
  readonly options: D
  /** Checks of several options together. */
  readonly checkOptions?: (who: string, options: OptionValues<D>, distance: W extends 'none' ? undefined : Distance) => void
  /** Whether a reference set makes sense. Default true. */
  readonly takesReferences?: boolean
  /** Whether it is for two sets, such as two views, and makes little sense without references. Default false. */
  readonly needsReferences?: boolean
  /** Whether a selection makes sense. Default true. */
  readonly takesSelections?: boolean
  /** Whether it is about the classes of a data set. Default false. */
  readonly overClasses?: boolean
  /** What it has to find to be other than 0. Default: `'embeddings'` of one `overClasses`, otherwise `'pairs'`. */
  readonly compares?: Compared
  /**
   * That all an anchor has follows from it, its pairs and the references, and what of it the formula has a value for: batches that are
   * too large for memory are then given to the formula some anchors at a time. Not where it has parameters or buffers, looks at the
   * batch as a whole, or at labels on the host. Default: the formula is given all.
   */
  readonly byAnchor?: AnchorUnit | ((options: OptionValues<D>) => AnchorUnit | undefined)
  /** Whether labels are needed. Default `'needed'`. Other losses and the trainer see `'unlessSelected'` as that. */
  readonly labels?: LabelPolicy | ((options: OptionValues<D>) => LabelPolicy)
  /** How many classes there are, where labels are integers from 0: they are checked. Default: any labels will do. */
  readonly numClasses?: (options: OptionValues<D>) => number | undefined
  /** The size that embeddings have to have. Default: any. */
  readonly embeddingSize?: (options: OptionValues<D>) => number
  /** What makes the first values of learnable weights, by name; the loss keeps variables of them. `undefined`: there is no such weight. */
  readonly parameters?: (options: OptionValues<D>) => P
  /** The same of state that calls change by assignment, not by gradients. */
  readonly buffers?: (options: OptionValues<D>) => B
  /**
   * What its terms over pairs add up to, by a fused kernel, of a batch of any size at once; `undefined` where that does not do. The formula
   * is asked only for terms whose values somebody wants then.
   */
  fused?(inputs: LossInputs, options: FormulaValues<D>): FusedTerms | undefined
  /**
   * The formula: named terms, each a value for every element, pair or triplet and how often it counts. It runs inside `tf.tidy`,
   * and must not read a value back from the device.
   *
   * @param inputs embeddings, references, distances, and the selection in the form that the formula asks for
   * @param options as they are now: scheduled numbers as tensors
   * @param variables parameters and buffers, by name
   */
  terms(inputs: LossInputs, options: FormulaValues<D>, variables: VariablesOf<P> & VariablesOf<B>): LossTerms
}

/** A class of losses, as {@link metricLoss} makes it, to be extended. */
export interface LossBase<D extends DeclaredOptions, W extends DefaultDistance> {
  /** All options, with their defaults and ranges: for docs and forms. */
  readonly declaredOptions: D & CommonOptions<W>
}
export type LossConstructor<D extends DeclaredOptions, W extends DefaultDistance, I = unknown> = LossBase<D, W> &
  (abstract new (...args: Record<never, never> extends LossOptions<D, W> ? [options?: LossOptions<D, W>] : [options: LossOptions<D, W>]) => MetricLoss &
    OptionValues<D> &
    (W extends 'none' ? unknown : { readonly /** How embeddings are compared. */ distance: Distance }) &
    I)

/**
 * The base of a loss: a class from what the loss says about itself. Options, checks, the forms of a selection, reduction,
 * learnable weights and the memory of large batches are seen to; the loss adds its formula.
 *
 * @example
 * class SpreadLoss extends metricLoss({
 *   name: 'SpreadLoss',
 *   distance: () => new CosineSimilarity(),
 *   reducer: () => new MeanReducer(),
 *   options: {
 *     // How similar negatives may be.
 *     threshold: option.number({ default: 0, min: -1, max: 1 }),
 *   },
 *   terms(inputs, { threshold }) {
 *     const { positive, negative } = inputs.pairs()
 *     const similarities = inputs.distances()
 *     return {
 *       pull: overPairs(positive, { s: similarities }, ({ s }) => tf.square(tf.sub(1, s))),
 *       push: overPairs(negative, { s: similarities }, ({ s }) => tf.square(tf.relu(tf.sub(s, threshold)))),
 *     }
 *   },
 * }) {}
 * new SpreadLoss({ threshold: 0.1 })
 */
export function metricLoss<
  const D extends DeclaredOptions,
  W extends DefaultDistance,
  P extends Initial = Record<never, never>,
  B extends Initial = Record<never, never>,
>(setup: MetricLossSetup<D, W, P, B>): LossConstructor<D, W> {
  expectSetup(setup, [...fields, ...Object.keys(commonOptions), ...Object.getOwnPropertyNames(MetricLoss.prototype)])
  const declaredOptions = { ...setup.options, ...(setup.distance !== 'none' && distanceOption), ...commonOptions }
  abstract class DeclaredLoss extends MetricLoss {
    static readonly declaredOptions = declaredOptions
    constructor(options: Readonly<Record<string, unknown>> = {}) {
      super(setup as unknown as AnySetup, declaredOptions, options)
    }
  }
  return DeclaredLoss as unknown as LossConstructor<D, W>
}

/** Of every loss, beside its options. */
const fields = ['name', 'labels', 'takesReferences', 'needsReferences', 'takesSelections', 'overClasses', 'parameters', 'buffers', 'distance']

type AnySetup = Omit<MetricLossSetup<DeclaredOptions, DefaultDistance, Initial, Initial>, 'checkOptions'> & {
  readonly checkOptions?: (who: string, options: OptionValues<DeclaredOptions>, distance: Distance | undefined) => void
}

/** What all losses of {@link metricLoss} share. Their options are fields, too. */
export abstract class MetricLoss implements Loss {
  readonly name: string
  readonly reducer: Reducer
  declare readonly embeddingRegularizer: Regularizer | undefined
  declare readonly embeddingRegWeight: Schedulable
  readonly labels: LabelUse
  readonly takesReferences: boolean
  readonly needsReferences: boolean
  readonly takesSelections: boolean
  readonly overClasses: boolean
  readonly parameters: Parameters
  readonly buffers: Parameters
  readonly #distance: Distance | undefined
  readonly #setup: AnySetup
  readonly #labelPolicy: LabelPolicy

  /** @throws {OptionError} when an option is unknown, missing or refused. */
  constructor(setup: AnySetup, declaredOptions: DeclaredOptions, given: Readonly<Record<string, unknown>>) {
    const { name, onlyDistance, labels = 'needed' } = setup
    this.name = name
    this.#setup = setup
    expectKnownOptions(name, given, Object.keys(declaredOptions))
    const distance = setup.distance === 'none' ? undefined : ((given['distance'] as Distance | undefined) ?? setup.distance())
    this.#distance = distance
    const values = readOptions(name, declaredOptions, given as GivenOptions<DeclaredOptions>, distance)
    if (distance && onlyDistance) expectDistance(name, distance, measureOf(setup), onlyDistance === true ? {} : onlyDistance)
    setup.checkOptions?.(name, values, distance)
    Object.assign(this, values, distance && { distance })
    this.reducer = (values['reducer'] as Reducer | undefined) ?? setup.reducer()
    this.#labelPolicy = typeof labels === 'function' ? labels(values) : labels
    this.labels = this.#labelPolicy === 'unlessSelected' ? 'needed' : this.#labelPolicy
    this.takesReferences = setup.takesReferences ?? true
    this.needsReferences = setup.needsReferences ?? false
    this.takesSelections = setup.takesSelections ?? true
    this.overClasses = setup.overClasses ?? false
    const [parameters, buffers] = [setup.parameters?.(values), setup.buffers?.(values)]
    expectVariables(name, parameters, buffers)
    this.parameters = variables(name, parameters, true)
    this.buffers = variables(name, buffers, false)
  }

  /** What it has to find to be other than 0. */
  get compares(): Compared {
    return comparedBy(this.#setup)
  }

  /** Numbers of an embedding that it takes; `undefined`: any. */
  get inputSize(): number | undefined {
    return this.#setup.embeddingSize?.(this.#options())
  }

  /**
   * Checks that the loss has a class for each label.
   *
   * @throws {LabelError} when it has not.
   */
  checkLabels(labels: Int32Array): void {
    const numClasses = this.#setup.numClasses?.(this.#options())
    if (numClasses !== undefined) expectClasses(this.name, labels, numClasses)
  }

  /**
   * @param labels one integer a row, or relations that were worked out before; `undefined` where a loss does without
   */
  compute(embeddings: tf.Tensor2D, labels: Labels | LabelRelations | undefined, options: ComputeOptions = {}): tf.Scalar {
    return tf.tidy(() => {
      const inputs = this.#inputs(embeddings, labels, options)
      const terms = this.#terms(inputs)
      options.observer?.terms?.(terms)
      this.reducer.expectTerms?.(this.name, Object.keys(terms))
      if (this.reducer.reduceAll) return this.reducer.reduceAll(terms, inputs.relations)
      const numbers = Object.entries(terms).map(([name, term]) => this.reducer.reduce(term, inputs.relations, name))
      return numbers.length === 1 ? numbers[0]! : tf.addN(numbers)
    })
  }

  /** The terms before they are reduced, for loops of one's own; arguments as in {@link compute}. */
  terms(embeddings: tf.Tensor2D, labels: Labels | LabelRelations | undefined, options: ComputeOptions = {}): LossTerms {
    let terms: LossTerms = {}
    tf.tidy(() => {
      const given = Object.entries(this.#terms(this.#inputs(embeddings, labels, options)))
      terms = Object.fromEntries(given.map(([name, term]) => [name, wholeTerm(term)]))
      return Object.values(terms).flatMap(({ values, weights, divisor }) =>
        [values, weights, divisor].filter((tensor) => tensor !== undefined),
      )
    })
    return terms
  }

  /** Frees the learnable weights and the buffers. */
  dispose(): void {
    tf.dispose([...this.parameters.values(), ...this.buffers.values()])
  }

  /** The options as the fields hold them now. */
  #options(): OptionValues<DeclaredOptions> {
    const fields = this as unknown as OptionValues<DeclaredOptions>
    return Object.fromEntries(Object.keys(this.#setup.options).map((name) => [name, fields[name]]))
  }

  #terms(inputs: LossInputs): LossTerms {
    const known = Object.fromEntries([...this.parameters, ...this.buffers])
    const options = this.#options()
    const formula = (of: LossInputs) => this.#setup.terms(of, formulaValues(this.#setup.options, options), known)
    const form = () => {
      const { byAnchor } = this.#setup
      const unit = typeof byAnchor === 'function' ? byAnchor(options) : byAnchor
      const terms = unit ? termsByAnchor(inputs, unit, formula) : formula(inputs)
      expectTerms(this.name, terms, inputs.relations.queryCount)
      return terms
    }
    const sums = this.#setup.fused?.(inputs, formulaValues(this.#setup.options, options))
    const own = sums ? summedTerms(sums, form) : form()
    const { embeddingRegularizer, embeddingRegWeight } = this
    if (!embeddingRegularizer) return own
    return { ...own, embeddingRegLoss: regularizationTerm(embeddingRegularizer, inputs.embeddings, tensorOf(embeddingRegWeight)) }
  }

  #inputs(embeddings: tf.Tensor2D, labels: Labels | LabelRelations | undefined, options: ComputeOptions): LossInputs {
    expectKnownOptions(`${this.name}.compute`, options, ['selection', 'references', 'position', 'observer'])
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
    const { references, selection, position } = options
    if (position) expectDrawPosition(this.name, position)
    expectNotDisposed(this.name, [...this.parameters.values(), ...this.buffers.values()])
    const comparison = compareByPolicy(this.name, this.#labelPolicy, { embeddings, labels, references, isSelected: !!selection })
    const size = this.#setup.embeddingSize?.(this.#options())
    if (size !== undefined) expectShape(this.name, 'embeddings', embeddings, ['batch', size])
    const isLabelled = labels !== undefined && labels !== null
    if (isLabelled) this.checkLabels(comparison.relations.queryLabels)
    return new LossInputs(this.name, comparison, { distance: this.#distance, selection, position, isLabelled })
  }
}

/** The price that a regularizer puts on rows, as a term of a loss: reduced already. */
export const regularizationTerm = (regularizer: Regularizer, rows: tf.Tensor2D, weight: number | tf.Scalar): LossTerm =>
  reduced(tf.mul(regularizer.compute(rows), weight))

/** Of the default distance, which has one where the formula holds for no other. */
const measureOf = ({ distance }: AnySetup): string => (distance as () => Distance)().measure!

/** Checks that labels are in [0, numClasses). */
function expectClasses(who: string, labels: Int32Array, numClasses: number): void {
  const stranger = labels.find((label) => label < 0 || label >= numClasses)
  if (stranger !== undefined) {
    throw new LabelError({
      who,
      wanted: `labels in [0, numClasses) = [0, ${numClasses})`,
      got: String(stranger),
      fix: 'Number the classes from 0, or raise `numClasses`.',
    })
  }
}

/** A term with all of its values, be they in blocks, or not formed yet. */
function wholeTerm(term: LossTerm): LossTerm {
  if (!term.blocks && !term.aboveZero) return term
  const { over, values, weights, divisor } = term
  return { over, values, ...(weights && { weights }), ...(divisor && { divisor }) }
}

/** Variables with these first values, which are freed. */
function variables(who: string, initial: Initial | undefined, isTrainable: boolean): Parameters {
  const makers = Object.entries(initial ?? {}).filter((entry): entry is [string, () => tf.Tensor] => entry[1] !== undefined)
  if (makers.length > 0) expectBackend(who)
  return new Map(makers.map(([name, make]) => [name, tf.tidy(() => tf.variable(make(), isTrainable))]))
}
