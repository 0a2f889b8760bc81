import * as tf from '@tensorflow/tfjs-core'
import { expectNumber, gatherColumns, relu, type LossTerms } from '@metric-learning/core'
import { LpDistance } from '@metric-learning/distances'
import { AvgNonZeroReducer } from '@metric-learning/reducers'
import type { LossInputs } from './base/loss-inputs.js'
import { MetricLoss, type MetricLossOptions } from './base/metric-loss.js'
import { tripletTerm, type TripletBlock } from './base/triplet-term.js'

/** Options of {@link TripletMarginLoss}. */
export interface TripletMarginLossOptions extends MetricLossOptions {
  /** How much farther than the positive the negative has to be. In units of the distance. Default 0.05. */
  readonly margin?: number
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
 * Schroff, Kalenichenko, Philbin: FaceNet (2015), eq. 1. `swap`: Balntas et al., BMVC 2016, section 3.
 *
 * @throws {OptionError} when an option is unknown, or `margin` is not a finite number.
 */
export class TripletMarginLoss extends MetricLoss {
  readonly margin: number
  readonly swap: boolean
  readonly smoothLoss: boolean

  constructor(options: TripletMarginLossOptions = {}) {
    super('TripletMarginLoss', options, {
      options: ['margin', 'swap', 'smoothLoss'],
      distance: () => new LpDistance(),
      reducer: () => new AvgNonZeroReducer(),
    })
    const { margin = 0.05, swap = false, smoothLoss = false } = options
    expectNumber(this.name, 'margin', margin)
    this.margin = margin
    this.swap = swap
    this.smoothLoss = smoothLoss
  }

  protected computeTerms(inputs: LossInputs): LossTerms {
    const triplets = inputs.triplets()
    const { embeddings, references } = inputs
    const distances = this.distance.matrix(embeddings, references)
    const toPositive = gatherColumns(distances, triplets.positiveIndex)
    const amongReferences = () => (references === embeddings ? distances : this.distance.matrix(references))
    const term = tripletTerm({
      triplets,
      references: references.shape[0],
      rows: [toPositive, distances],
      whole: this.swap ? [amongReferences()] : [],
      values: (block) => ({ values: this.#violations(block) }),
    })
    return { loss: term }
  }

  #violations({ rows: [toPositive, distances], whole: [amongReferences], positiveIndex }: TripletBlock): tf.Tensor {
    const fromAnchor = tf.expandDims(distances!, 1)
    const toNegative = amongReferences ? this.distance.closest(fromAnchor, tf.gather(amongReferences, positiveIndex)) : fromAnchor
    const violation = tf.add(this.distance.margin(tf.expandDims(toPositive!, 2), toNegative), this.margin)
    return this.smoothLoss ? tf.softplus(violation) : relu(violation)
  }
}
