import * as tf from '@tensorflow/tfjs-core'
import { expectNumber, gatherColumns, relu, withoutGradient, type LossTerm, type LossTerms } from '@metric-learning/core'
import { LpDistance } from '@metric-learning/distances'
import { DivisorReducer } from '@metric-learning/reducers'
import { expectClasses } from './base/class-vectors-loss.js'
import { isAbove } from './base/is-above.js'
import type { LossInputs } from './base/loss-inputs.js'
import { MetricLoss, type MetricLossOptions } from './base/metric-loss.js'
import { divisorOf, tripletTerm, type TripletBlock } from './base/triplet-term.js'
import { anchorCounts, type TripletWeights } from './base/triplet-weights.js'

/** Options of {@link MarginLoss}. */
export interface MarginLossOptions extends MetricLossOptions {
  /** How far from the boundary β pairs have to be. In units of the distance. Default 0.2. */
  readonly margin?: number
  /** Weight of the regularisation ν β; it takes effect with `learnBeta`. Default 0. */
  readonly nu?: number
  /** The boundary between positives and negatives, or its initial value. In units of the distance. Default 1.2. */
  readonly beta?: number
  /** Makes β the parameter `beta`. Default false. */
  readonly learnBeta?: boolean
  /** Gives every class a β of its own; labels are then integers in [0, numClasses). Default: one β for all. */
  readonly numClasses?: number
}

/**
 * max(0, d(a, p) - β + margin) + max(0, β - d(a, n) + margin) for every triplet; for a similarity the
 * differences turn round.
 *
 * Two terms. `marginLoss` is over triplets [n, k, m]; its divisor, which the default reducer
 * {@link DivisorReducer} divides by, is the number of summands above 0. `betaRegLoss` is ν β: one number,
 * or with a β a class over elements [n], counted once for every triplet of the anchor. Default
 * distance {@link LpDistance}. Takes pairs (those of an anchor are joined), triplets and reference sets.
 * Memory O(n k m), in blocks of anchors beyond {@link blockBytes}.
 *
 * Wu et al.: Sampling Matters in Deep Embedding Learning (ICCV 2017).
 *
 * @throws {OptionError} when an option is unknown or out of range.
 */
export class MarginLoss extends MetricLoss {
  readonly margin: number
  readonly nu: number
  readonly numClasses: number | undefined
  readonly #beta: tf.Variable<tf.Rank.R1> | number

  constructor(options: MarginLossOptions = {}) {
    super('MarginLoss', options, {
      options: ['margin', 'nu', 'beta', 'learnBeta', 'numClasses'],
      distance: () => new LpDistance(),
      reducer: () => new DivisorReducer(),
      labels: options.numClasses === undefined ? 'unlessSelected' : 'needed',
    })
    const { margin = 0.2, nu = 0, beta = 1.2, learnBeta = false, numClasses } = options
    expectNumber(this.name, 'margin', margin)
    expectNumber(this.name, 'nu', nu, { min: 0 })
    expectNumber(this.name, 'beta', beta)
    if (numClasses !== undefined) expectNumber(this.name, 'numClasses', numClasses, { min: 1, integer: true })
    this.margin = margin
    this.nu = nu
    this.numClasses = numClasses
    this.#beta = learnBeta ? this.addParameter('beta', () => tf.fill<tf.Rank.R1>([numClasses ?? 1], beta)) : beta
  }

  protected computeTerms(inputs: LossInputs): LossTerms {
    const triplets = inputs.triplets()
    const beta = this.#betaOfAnchors(inputs)
    const distances = this.distance.matrix(inputs.embeddings, inputs.references)
    const isOfAnchors = beta.shape[0] !== 1
    const marginLoss = tripletTerm({
      triplets,
      references: inputs.references.shape[0],
      rows: [gatherColumns(distances, triplets.positiveIndex), distances, ...(isOfAnchors ? [beta] : [])],
      whole: isOfAnchors ? [] : [beta],
      values: (block) => this.#summands(block),
    })
    return { marginLoss, betaRegLoss: this.#betaRegularisation(beta, triplets, marginLoss) }
  }

  #summands({ rows: [toPositive, distances, ofAnchors], whole: [ofAll], weights }: TripletBlock) {
    const beta = (ofAnchors ?? ofAll)!
    const pull = relu(tf.add(this.distance.margin(tf.expandDims(toPositive!, 2), beta), this.margin))
    const push = relu(tf.add(this.distance.margin(beta, tf.expandDims(distances!, 1)), this.margin))
    const divisor = withoutGradient(() => tf.sum<tf.Scalar>(tf.mul(weights, tf.add(isAbove(pull, 0), isAbove(push, 0)))))
    return { values: tf.add(pull, push), divisor }
  }

  /** @throws {LabelError} when there is a β a class and a label is outside [0, numClasses). */
  checkLabels(labels: Int32Array): void {
    if (this.numClasses !== undefined) expectClasses(this.name, labels, this.numClasses)
  }

  /** [n, 1, 1] with a β a class, else [1, 1, 1]. */
  #betaOfAnchors({ relations }: LossInputs): tf.Tensor {
    if (this.numClasses === undefined || typeof this.#beta === 'number') return tf.reshape(this.#beta, [1, 1, 1])
    this.checkLabels(relations.queryLabels)
    return tf.reshape(tf.gather(this.#beta, relations.queryLabelTensor), [-1, 1, 1])
  }

  #betaRegularisation(beta: tf.Tensor, triplets: TripletWeights, marginLoss: LossTerm): LossTerm {
    if (typeof this.#beta === 'number') return { over: 'reduced', values: tf.scalar(0) }
    const counts = withoutGradient(() => anchorCounts(triplets))
    const values = tf.mul(tf.reshape(beta, [-1]), this.nu)
    if (this.numClasses !== undefined) return { over: 'element', values, weights: counts, divisor: divisorOf(marginLoss) }
    const hasTriplets = withoutGradient(() => isAbove(tf.sum(counts), 0))
    return { over: 'reduced', values: tf.mul(tf.reshape(values, []), hasTriplets) }
  }
}
