import * as tf from '@tensorflow/tfjs-core'
import { describeValue, expectFunction, expectShape, OptionError, Random, type Distance, type LabelRelations, type LossTerms, type Regularizer } from '@metric-learning/contracts'
import {
  formulaValues,
  option,
  type DeclaredOptions,
  type FormulaValues,
  type Option,
  type OptionValues,
  type Schedulable,
} from '@metric-learning/ops'
import { cosinesToColumns } from '../numerics/cosines-to-columns.js'
import { targetMask } from '../numerics/cross-entropy.js'
import type { LossInputs } from './loss-inputs.js'
import { metricLoss, regularizationTerm, type LossConstructor, type MetricLossSetup } from './metric-loss.js'
import { standardNormal, type WeightInit } from './weight-init.js'

/** The options of losses that compare embeddings with learnable vectors of classes, beside their own. */
export type ClassVectorsOptions = {
  /** Labels are integers in [0, numClasses). */
  readonly numClasses: Option<number, 'required'>
  /** Size of an embedding. */
  readonly embeddingSize: Option<number, 'required'>
  /** Fixes the initial weights. Default 0. */
  readonly seed: Option<number, 'defaulted'>
  /** The initial weights, in the layout of the parameter. Each loss names its default. */
  readonly weightInitFunc: Option<WeightInit, 'optional'>
  /** A price on the shape of the weights, one vector a row: a term `weightRegLoss` beside those of the loss. Default: none. */
  readonly weightRegularizer: Option<Regularizer, 'optional'>
  /** Factor of that price. Default 1. May be scheduled. */
  readonly weightRegWeight: Option<Schedulable, 'defaulted'>
}

const classOptions: ClassVectorsOptions = {
  numClasses: option.integer({ min: 1 }),
  embeddingSize: option.integer({ min: 1 }),
  seed: option.integer({ default: 0 }),
  weightInitFunc: option.value<WeightInit>('a function such as `kaimingUniform`', (who, name, value) => expectFunction(who, name, value, 'kaimingUniform'), { optional: true }),
  weightRegularizer: option.part<Regularizer>(['compute'], 'new RegularFaceRegularizer()', { optional: true }),
  weightRegWeight: option.number({ default: 1 }),
}

/** The learnable vectors of a loss, class after class, and how it compares embeddings with them. */
export class ClassVectors {
  readonly #parameter: tf.Variable<tf.Rank.R2>
  readonly #inColumns: boolean

  constructor(
    parameter: tf.Variable<tf.Rank.R2>,
    readonly numClasses: number,
    readonly distance: Distance,
    layout: 'rows' | 'columns',
  ) {
    this.#parameter = parameter
    this.#inColumns = layout === 'columns'
  }

  /** One a row: float32 [vectors, embeddingSize]. */
  rows(): tf.Tensor2D {
    return this.#inColumns ? tf.transpose(this.#parameter) : this.#parameter
  }

  /** One a column: float32 [embeddingSize, vectors]. */
  columns(): tf.Tensor2D {
    return this.#inColumns ? this.#parameter : tf.transpose(this.#parameter)
  }

  /** From embeddings to the vectors: float32 [n, vectors]. */
  distancesFrom(embeddings: tf.Tensor2D): tf.Tensor2D {
    return this.distance.matrix(embeddings, this.rows())
  }

  /** Cosines of embeddings and the vectors: float32 [n, vectors]; of norms with another p where the distance has one. */
  cosinesFrom(embeddings: tf.Tensor2D): tf.Tensor2D {
    const { p, power } = this.distance
    return p === 2 && power === 1 ? cosinesToColumns(embeddings, this.columns()) : this.distancesFrom(embeddings)
  }

  /** 1 at the class of each embedding, else 0: float32 [n, numClasses]; a constant. */
  isTarget({ queryLabelTensor }: LabelRelations): tf.Tensor2D {
    return targetMask(queryLabelTensor, this.numClasses)
  }
}

/** What a loss over vectors of classes says about itself; see {@link classVectorsLoss}. */
export interface ClassVectorsSetup<D extends DeclaredOptions>
  extends Pick<MetricLossSetup<D, () => Distance, never, never>, 'name' | 'distance' | 'onlyDistance' | 'reducer' | 'options' | 'checkOptions'> {
  /** The parameter's name. Default `W`. */
  readonly parameter?: string
  /** Whether vectors are the rows or the columns of the parameter. Default columns. */
  readonly layout?: 'rows' | 'columns'
  /** Vectors of each class, next to each other. Default 1. */
  readonly vectorsPerClass?: (options: OptionValues<D>) => number
  /** Default {@link standardNormal}. */
  readonly init?: WeightInit
  /** Scores without a margin, for telling classes apart: float32 [n, numClasses]. */
  logits(embeddings: tf.Tensor2D, options: FormulaValues<D>, vectors: ClassVectors): tf.Tensor2D
  /** The formula; see {@link MetricLossSetup.terms}. */
  terms(inputs: LossInputs, options: FormulaValues<D>, vectors: ClassVectors): LossTerms
}

/** What losses over vectors of classes have beside what all losses have. */
export interface ClassVectorsMembers {
  /**
   * Scores without a margin, for telling classes apart; each loss says which. Float32 [n, numClasses].
   *
   * @throws {ShapeError} when the embeddings are of another size.
   */
  getLogits(embeddings: tf.Tensor2D): tf.Tensor2D
}

/** A class of such losses, to be extended. */
export type ClassVectorsConstructor<D extends DeclaredOptions> = LossConstructor<D & ClassVectorsOptions, () => Distance, ClassVectorsMembers>

/**
 * The base of a loss that compares embeddings with learnable vectors of classes: {@link metricLoss}, with the parameter, its
 * regularizer, and checks of sizes and labels. No reference sets.
 */
export function classVectorsLoss<const D extends DeclaredOptions>(setup: ClassVectorsSetup<D>): ClassVectorsConstructor<D> {
  const { parameter: name = 'W', layout = 'columns', init = standardNormal, vectorsPerClass = () => 1, checkOptions, onlyDistance } = setup
  // What is read below are the options of all such losses; those of this one pass through.
  const own = <T>(values: object) => values as T
  const Base = metricLoss<ClassVectorsOptions, () => Distance, Readonly<Record<string, () => tf.Tensor2D>>>({
    name: setup.name,
    distance: setup.distance,
    ...(onlyDistance && { onlyDistance }),
    reducer: setup.reducer,
    options: { ...setup.options, ...classOptions },
    takesReferences: false,
    overClasses: true,
    numClasses: ({ numClasses }) => numClasses,
    embeddingSize: ({ embeddingSize }) => embeddingSize,
    checkOptions(who, options, distance) {
      checkOptions?.(who, own(options), distance)
    },
    parameters: (options) => ({
      [name]: () => {
        const { numClasses, embeddingSize, seed, weightInitFunc = init } = options
        const count = numClasses * vectorsPerClass(own(options))
        const shape: [number, number] = layout === 'columns' ? [embeddingSize, count] : [count, embeddingSize]
        const values = weightInitFunc(shape, new Random(seed))
        expectLength(setup.name, values, shape)
        return tf.tensor2d(values, shape)
      },
    }),
    terms(inputs, options, variables) {
      const { numClasses, weightRegularizer, weightRegWeight } = options
      const vectors = new ClassVectors(variables[name]!, numClasses, inputs.distance, layout)
      const terms = setup.terms(inputs, own(options), vectors)
      return weightRegularizer ? { ...terms, weightRegLoss: regularizationTerm(weightRegularizer, vectors.rows(), weightRegWeight) } : terms
    },
  })
  abstract class ClassVectorsLoss extends Base implements ClassVectorsMembers {
    getLogits(embeddings: tf.Tensor2D): tf.Tensor2D {
      expectShape(this.name, 'embeddings', embeddings, ['batch', this.embeddingSize])
      const parameter = this.parameters.get(name) as tf.Variable<tf.Rank.R2>
      return tf.tidy(() => setup.logits(embeddings, formulaValues(setup.options, own(this)), new ClassVectors(parameter, this.numClasses, this.distance, layout)))
    }
  }
  return ClassVectorsLoss as unknown as ClassVectorsConstructor<D>
}

function expectLength(who: string, values: ArrayLike<number> | undefined, [rows, columns]: readonly [number, number]): void {
  if (values?.length === rows * columns) return
  throw new OptionError({
    who,
    wanted: `\`weightInitFunc\` to return ${rows} · ${columns} numbers`,
    got: values ? String(values.length) : describeValue(values),
    fix: 'It is called with the shape that is wanted, and returns the matrix row by row.',
  })
}
