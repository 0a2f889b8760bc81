import * as tf from '@tensorflow/tfjs-core'
import { expectFixedNumber, expectNumber, type LossTerm, type LossTerms } from '@metric-learning/contracts'
import { LpDistance } from '@metric-learning/distances'
import { drawState, gatherColumns, isScheduled, relu, tensorOf, withoutGradient, type DrawnTriplets, type Schedulable } from '@metric-learning/ops'
import { DivisorReducer } from '@metric-learning/reducers'
import { expectClasses } from './base/class-vectors-loss.js'
import { expectDistanceUnits } from './base/expect-distance-units.js'
import { isAbove } from './base/is-above.js'
import type { LossInputs } from './base/loss-inputs.js'
import { MetricLoss, type MetricLossOptions } from './base/metric-loss.js'
import { expectTripletDraws, type TripletDrawOptions } from './base/triplet-draws.js'
import { divisorOf, tripletTerm } from './base/triplet-term.js'
import { anchorCounts } from './base/triplet-weights.js'

/** Options of {@link MarginLoss}. */
export interface MarginLossOptions extends MetricLossOptions, TripletDrawOptions {
  /** How far from the boundary β pairs have to be. In units of the distance. Default 0.2. May be scheduled. */
  readonly margin?: Schedulable
  /** Weight of the regularisation ν β; it takes effect with `learnBeta`. Default 0. May be scheduled. */
  readonly nu?: Schedulable
  /**
   * The boundary between positives and negatives, or its initial value. In units of the distance. Default 1.2. May be scheduled
   * unless it is learnt.
   */
  readonly beta?: Schedulable
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
 * Memory O(n k m), in blocks of anchors beyond {@link blockBytes}. With `tripletsPerAnchor` as a number t the term is over
 * drawn triplets [n, t, 1]; the state of the draws is the buffer `draws`. Memory O(n (m + t)).
 *
 * Wu et al.: Sampling Matters in Deep Embedding Learning (ICCV 2017), the margin based loss and its regularisation of β, over
 * triplets as in PyTorch Metric Learning.
 *
 * @throws {OptionError} when an option is unknown or out of range.
 */
export class MarginLoss extends MetricLoss {
  readonly margin: Schedulable
  readonly nu: Schedulable
  readonly numClasses: number | undefined
  readonly tripletsPerAnchor: 'all' | number
  /** The boundary, as it was passed or learnt: float32 [1] or [numClasses]. */
  readonly beta: tf.Variable<tf.Rank.R1> | Schedulable
  readonly #draws: tf.Variable<tf.Rank.R2> | undefined

  constructor(options: MarginLossOptions = {}) {
    super('MarginLoss', options, {
      options: ['margin', 'nu', 'beta', 'learnBeta', 'numClasses', 'tripletsPerAnchor', 'seed'],
      distance: () => new LpDistance(),
      reducer: () => new DivisorReducer(),
      labels: options.numClasses === undefined ? 'unlessSelected' : 'needed',
      overClasses: true,
    })
    const { margin = 0.2, nu = 0, beta = 1.2, learnBeta = false, numClasses, tripletsPerAnchor = 'all', seed = 0 } = options
    expectTripletDraws(this.name, options)
    expectNumber(this.name, 'nu', nu, { min: 0 })
    expectDistanceUnits(this.name, 'margin', margin, this.distance)
    expectDistanceUnits(this.name, 'beta', beta, this.distance)
    if (learnBeta) expectFixedNumber(this.name, 'beta', beta as number)
    if (numClasses !== undefined) expectNumber(this.name, 'numClasses', numClasses, { min: 1, integer: true })
    this.margin = margin
    this.nu = nu
    this.numClasses = numClasses
    this.tripletsPerAnchor = tripletsPerAnchor
    this.#draws = tripletsPerAnchor === 'all' ? undefined : this.addBuffer('draws', () => drawState(seed))
    this.beta = learnBeta ? this.addParameter('beta', () => tf.fill<tf.Rank.R1>([numClasses ?? 1], beta as number)) : beta
  }

  protected computeTerms(inputs: LossInputs): LossTerms {
    const beta = this.#betaOfAnchors(inputs)
    const distances = this.distance.matrix(inputs.embeddings, inputs.references)
    const drawn = inputs.drawnTriplets(this.tripletsPerAnchor, this.#draws)
    if (drawn) return this.#drawnTerms(drawn, distances, beta)
    const triplets = inputs.triplets()
    const isOfAnchors = beta.shape[0] !== 1
    const marginLoss = tripletTerm({
      triplets,
      references: inputs.references.shape[0],
      rows: [gatherColumns(distances, triplets.positiveIndex), distances, ...(isOfAnchors ? [beta] : [])],
      whole: isOfAnchors ? [] : [beta],
      values: ({ rows: [toPositive, toAll, ofAnchors], whole: [ofAll], weights }) =>
        this.#summands(tf.expandDims(toPositive!, 2), tf.expandDims(toAll!, 1), (ofAnchors ?? ofAll)!, weights),
    })
    const counts = withoutGradient(() => anchorCounts(triplets))
    return { marginLoss, betaRegLoss: this.#betaRegularisation(beta, counts, () => divisorOf(marginLoss)) }
  }

  #drawnTerms({ positiveIndex, negativeIndex, weights: ofDrawn }: DrawnTriplets, distances: tf.Tensor2D, beta: tf.Tensor): LossTerms {
    const [toPositive, toNegative] = [positiveIndex, negativeIndex].map((index) => tf.expandDims(gatherColumns(distances, index), 2))
    const weights = tf.expandDims(ofDrawn, 2)
    const { values, divisor } = this.#summands(toPositive!, toNegative!, beta, weights)
    const betaRegLoss = this.#betaRegularisation(beta, tf.sum(ofDrawn, 1), () => divisor)
    return { marginLoss: { over: 'triplet', values, weights, divisor }, betaRegLoss }
  }

  #summands(toPositive: tf.Tensor, toNegative: tf.Tensor, beta: tf.Tensor, weights: tf.Tensor) {
    const pull = relu(tf.add(this.distance.margin(toPositive, beta), tensorOf(this.margin)))
    const push = relu(tf.add(this.distance.margin(beta, toNegative), tensorOf(this.margin)))
    const divisor = withoutGradient(() => tf.sum<tf.Scalar>(tf.mul(weights, tf.add(isAbove(pull, 0), isAbove(push, 0)))))
    return { values: tf.add(pull, push), divisor }
  }

  /** @throws {LabelError} when there is a β a class and a label is outside [0, numClasses). */
  checkLabels(labels: Int32Array): void {
    if (this.numClasses !== undefined) expectClasses(this.name, labels, this.numClasses)
  }

  /** [n, 1, 1] with a β a class, else [1, 1, 1]. */
  #betaOfAnchors({ relations }: LossInputs): tf.Tensor {
    if (isGiven(this.beta)) return tf.reshape(tensorOf(this.beta), [1, 1, 1])
    if (this.numClasses === undefined) return tf.reshape(this.beta, [1, 1, 1])
    this.checkLabels(relations.queryLabels)
    return tf.reshape(tf.gather(this.beta, relations.queryLabelTensor), [-1, 1, 1])
  }

  /** @param counts triplets of each anchor: float32 [n] */
  #betaRegularisation(beta: tf.Tensor, counts: tf.Tensor, divisor: () => tf.Scalar): LossTerm {
    if (isGiven(this.beta)) return { over: 'reduced', values: tf.scalar(0) }
    const values = tf.mul(tf.reshape(beta, [-1]), tensorOf(this.nu))
    if (this.numClasses !== undefined) return { over: 'element', values, weights: counts, divisor: divisor() }
    const hasTriplets = withoutGradient(() => isAbove(tf.sum(counts), 0))
    return { over: 'reduced', values: tf.mul(tf.reshape(values, []), hasTriplets) }
  }
}

/** Whether a β is what the caller passed, and not learnt. */
const isGiven = (beta: tf.Variable<tf.Rank.R1> | Schedulable): beta is Schedulable => typeof beta === 'number' || isScheduled(beta)
