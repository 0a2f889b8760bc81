import * as tf from '@tensorflow/tfjs-core'
import {
  expectMethods,
  expectNumber,
  expectShape,
  LabelError,
  Random,
  type LabelRelations,
  type LossTerms,
  type Regularizer,
} from '@metric-learning/contracts'
import type { Schedulable } from '@metric-learning/ops'
import type { LossInputs } from './loss-inputs.js'
import { MetricLoss, regularizationTerm, type MetricLossOptions, type MetricLossSetup } from './metric-loss.js'
import { targetMask } from './target-mask.js'
import { standardNormal, type WeightInit } from './weight-init.js'

/** Options of losses that compare embeddings with learnable vectors of classes. */
export interface ClassVectorsLossOptions extends MetricLossOptions {
  /** Labels are integers in [0, numClasses). */
  readonly numClasses: number
  /** Size of an embedding. */
  readonly embeddingSize: number
  /** Fixes the initial weights. Default 0. */
  readonly seed?: number
  /** The initial weights, in the layout of the parameter. Each loss names its default. */
  readonly weightInitFunc?: WeightInit
  /** A price on the shape of the weights, one vector a row: a term `weightRegLoss` beside those of the loss. Default: none. */
  readonly weightRegularizer?: Regularizer
  /** Factor of that price. Default 1. May be scheduled. */
  readonly weightRegWeight?: Schedulable
}

/** What such a loss says about itself. */
export interface ClassVectorsSetup extends MetricLossSetup {
  /** The parameter's name. Default `W`. */
  readonly parameter?: string
  /** Whether vectors are the rows or the columns of the parameter. Default columns. */
  readonly layout?: 'rows' | 'columns'
  /** Vectors of each class, next to each other. Default 1. */
  readonly vectorsPerClass?: number
  /** Default {@link standardNormal}. */
  readonly init?: WeightInit
}

/**
 * What losses share that compare embeddings with learnable vectors of classes: the parameter, its regularizer, checks
 * of sizes and labels. No reference sets. A loss adds its terms.
 *
 * @throws {OptionError} when an option is unknown or out of range.
 */
export abstract class ClassVectorsLoss extends MetricLoss {
  readonly numClasses: number
  readonly embeddingSize: number
  readonly weightRegularizer: Regularizer | undefined
  readonly weightRegWeight: Schedulable
  readonly #parameter: tf.Variable<tf.Rank.R2>
  readonly #inColumns: boolean

  constructor(name: string, options: ClassVectorsLossOptions, setup: ClassVectorsSetup) {
    const own = ['numClasses', 'embeddingSize', 'seed', 'weightInitFunc', 'weightRegularizer', 'weightRegWeight']
    super(name, options, { ...setup, options: [...own, ...setup.options], takesReferences: false, overClasses: true })
    const { numClasses, embeddingSize, seed = 0, weightInitFunc, weightRegularizer, weightRegWeight = 1 } = options
    expectNumber(name, 'numClasses', numClasses, { min: 1, integer: true })
    expectNumber(name, 'embeddingSize', embeddingSize, { min: 1, integer: true })
    expectNumber(name, 'weightRegWeight', weightRegWeight)
    if (weightRegularizer) expectMethods(name, 'weightRegularizer', weightRegularizer, ['compute'], 'new RegularFaceRegularizer()')
    this.numClasses = numClasses
    this.embeddingSize = embeddingSize
    this.weightRegularizer = weightRegularizer
    this.weightRegWeight = weightRegWeight
    this.#inColumns = setup.layout !== 'rows'
    const count = numClasses * (setup.vectorsPerClass ?? 1)
    const shape: [number, number] = this.#inColumns ? [embeddingSize, count] : [count, embeddingSize]
    const init = weightInitFunc ?? setup.init ?? standardNormal
    this.#parameter = this.addParameter(setup.parameter ?? 'W', () => tf.tensor2d(init(shape, new Random(seed)), shape))
  }

  /** The learnable vectors, one a row, class after class: float32 [numClasses · vectorsPerClass, embeddingSize]. */
  protected vectors(): tf.Tensor2D {
    return this.#inColumns ? tf.transpose(this.#parameter) : this.#parameter
  }

  /** The same, one a column: float32 [embeddingSize, numClasses · vectorsPerClass]. */
  protected columns(): tf.Tensor2D {
    return this.#inColumns ? this.#parameter : tf.transpose(this.#parameter)
  }

  /** 1 at the class of each embedding, else 0: float32 [n, numClasses]; a constant. */
  protected isTarget({ queryLabelTensor }: LabelRelations): tf.Tensor2D {
    return targetMask(queryLabelTensor, this.numClasses)
  }

  /** @throws {LabelError} when a label is outside [0, numClasses). */
  checkLabels(labels: Int32Array): void {
    expectClasses(this.name, labels, this.numClasses)
  }

  /** The terms of the loss itself. */
  protected abstract computeClassTerms(inputs: LossInputs): LossTerms

  protected computeTerms(inputs: LossInputs): LossTerms {
    const { embeddings, relations } = inputs
    expectShape(this.name, 'embeddings', embeddings, ['batch', this.embeddingSize])
    this.checkLabels(relations.queryLabels)
    const terms = this.computeClassTerms(inputs)
    const { weightRegularizer, weightRegWeight } = this
    if (!weightRegularizer) return terms
    return { ...terms, weightRegLoss: regularizationTerm(weightRegularizer, this.vectors(), weightRegWeight) }
  }
}

/**
 * Checks that labels are in [0, numClasses).
 *
 * @throws {LabelError} which names a label that is not.
 */
export function expectClasses(who: string, labels: Int32Array, numClasses: number): void {
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
