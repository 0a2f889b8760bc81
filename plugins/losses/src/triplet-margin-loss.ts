import * as tf from '@tensorflow/tfjs-core'
import type { LossTerm, LossTerms } from '@metric-learning/contracts'
import { LpDistance } from '@metric-learning/distances'
import { drawState, gatherColumns, relu, tensorOf, type DrawnTriplets, type Schedulable } from '@metric-learning/ops'
import { AvgNonZeroReducer } from '@metric-learning/reducers'
import { expectDistanceUnits } from './base/expect-distance-units.js'
import type { LossInputs } from './base/loss-inputs.js'
import { MetricLoss, type MetricLossOptions } from './base/metric-loss.js'
import { elementsAt, expectTripletDraws, type TripletDrawOptions } from './base/triplet-draws.js'
import { tripletTerm } from './base/triplet-term.js'

/** Options of {@link TripletMarginLoss}. */
export interface TripletMarginLossOptions extends MetricLossOptions, TripletDrawOptions {
  /** How much farther than the positive the negative has to be. In units of the distance. Default 0.05. May be scheduled. */
  readonly margin?: Schedulable
  /** Takes the negative's distance to the positive where that is smaller than to the anchor. Default false. */
  readonly swap?: boolean
  /** log(1 + exp(v)) in place of max(0, v). Default false. */
  readonly smoothLoss?: boolean
}

/**
 * max(0, d(a, p) - d(a, n) + margin) for every triplet of an anchor, a positive and a negative; for a
 * similarity s it is max(0, s(a, n) - s(a, p) + margin).
 *
 * One term, `loss`, over triplets [n, k, m]. Default distance {@link LpDistance}, default reducer
 * {@link AvgNonZeroReducer}. Takes pairs (those of an anchor are joined), triplets and reference sets.
 * Memory O(n k m), where k is the largest number of positives of an anchor, in blocks of anchors beyond {@link blockBytes}.
 *
 * Schroff, Kalenichenko, Philbin: FaceNet (CVPR 2015), section 3.1: the hinge of the constraint in eq. 1, without squares.
 * `swap`: Balntas et al.: Learning local feature descriptors with triplets and shallow convolutional neural networks (BMVC
 * 2016), section 3.
 *
 * With `tripletsPerAnchor` as a number t the term is over drawn triplets [n, t, 1]; the state of the draws is the buffer
 * `draws`. Memory O(n (m + t)).
 *
 * @throws {OptionError} when an option is unknown or out of range.
 */
export class TripletMarginLoss extends MetricLoss {
  readonly margin: Schedulable
  readonly swap: boolean
  readonly smoothLoss: boolean
  readonly tripletsPerAnchor: 'all' | number
  readonly #draws: tf.Variable<tf.Rank.R2> | undefined

  constructor(options: TripletMarginLossOptions = {}) {
    super('TripletMarginLoss', options, {
      options: ['margin', 'swap', 'smoothLoss', 'tripletsPerAnchor', 'seed'],
      distance: () => new LpDistance(),
      reducer: () => new AvgNonZeroReducer(),
    })
    const { margin = 0.05, swap = false, smoothLoss = false, tripletsPerAnchor = 'all', seed = 0 } = options
    expectDistanceUnits(this.name, 'margin', margin, this.distance)
    expectTripletDraws(this.name, options)
    this.margin = margin
    this.swap = swap
    this.smoothLoss = smoothLoss
    this.tripletsPerAnchor = tripletsPerAnchor
    this.#draws = tripletsPerAnchor === 'all' ? undefined : this.addBuffer('draws', () => drawState(seed))
  }

  protected computeTerms(inputs: LossInputs): LossTerms {
    const { embeddings, references } = inputs
    const distances = this.distance.matrix(embeddings, references)
    const amongReferences = this.swap ? [references === embeddings ? distances : this.distance.matrix(references)] : []
    const drawn = inputs.drawnTriplets(this.tripletsPerAnchor, this.#draws)
    if (drawn) return { loss: this.#drawnTerm(drawn, distances, amongReferences[0]) }
    const triplets = inputs.triplets()
    const term = tripletTerm({
      triplets,
      references: references.shape[0],
      rows: [gatherColumns(distances, triplets.positiveIndex), distances],
      whole: amongReferences,
      values: ({ rows: [toPositive, toAll], whole: [among], positiveIndex }) => ({
        values: this.#violations(tf.expandDims(toPositive!, 2), tf.expandDims(toAll!, 1), among && tf.gather(among, positiveIndex)),
      }),
    })
    return { loss: term }
  }

  #drawnTerm({ positiveIndex, negativeIndex, weights }: DrawnTriplets, distances: tf.Tensor2D, among: tf.Tensor2D | undefined): LossTerm {
    const between = among && elementsAt(among, positiveIndex, negativeIndex)
    const values = this.#violations(gatherColumns(distances, positiveIndex), gatherColumns(distances, negativeIndex), between)
    return { over: 'triplet', values: tf.expandDims(values, 2), weights: tf.expandDims(weights, 2) }
  }

  /** @param fromPositive distances of positives and negatives, to swap with those of anchors and negatives */
  #violations(toPositive: tf.Tensor, fromAnchor: tf.Tensor, fromPositive: tf.Tensor | undefined): tf.Tensor {
    const toNegative = fromPositive ? this.distance.closest(fromAnchor, fromPositive) : fromAnchor
    // Added to what there is less of than of violations.
    const margin = tensorOf(this.margin)
    const bound = this.distance.isInverted ? tf.sub(toPositive, margin) : tf.add(toPositive, margin)
    const violation = this.distance.margin(bound, toNegative)
    return this.smoothLoss ? tf.softplus(violation) : relu(violation)
  }
}
