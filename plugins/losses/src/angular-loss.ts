import * as tf from '@tensorflow/tfjs-core'
import { gatherColumns, withoutGradient, type LossTerms } from '@metric-learning/core'
import { expectDistance, LpDistance } from '@metric-learning/distances'
import { MeanReducer } from '@metric-learning/reducers'
import { expectDegrees, toRadians } from './base/degrees.js'
import { logSumExp } from './base/log-sum-exp.js'
import type { LossInputs } from './base/loss-inputs.js'
import { MetricLoss, type MetricLossOptions } from './base/metric-loss.js'

/** Options of {@link AngularLoss}. */
export interface AngularLossOptions extends MetricLossOptions {
  /** The largest angle at the negative that costs little. In degrees, below 90. Default 40. */
  readonly alpha?: number
  /**
   * Normalises negatives as well, as the paper does; PyTorch Metric Learning takes them as they are, so
   * that its loss depends on the scale of the embeddings. Default false.
   */
  readonly normalizeNegatives?: boolean
}

/**
 * log(1 + Σ_n exp(4 tan²α (a + p) · n - 2 (1 + tan²α) a · p)) for every positive pair of normalised
 * embeddings a, p, where n runs over all references of another class than the anchor.
 *
 * One term, `loss`, over positive pairs [n, k]; k is the largest number of positives of an anchor. Takes
 * pairs, triplets (as their pairs) and reference sets: the positive pairs are those selected, the negatives
 * always come from the labels, but without a selected negative pair the loss is 0. The distance is
 * {@link LpDistance} with its defaults and no other; default reducer {@link MeanReducer}. Memory O(n k m).
 *
 * Wang et al.: Deep Metric Learning with Angular Loss (ICCV 2017).
 *
 * @throws {OptionError} when an option is unknown or out of range, or the distance is another.
 */
export class AngularLoss extends MetricLoss {
  /** In degrees. */
  readonly alpha: number
  readonly normalizeNegatives: boolean

  constructor(options: AngularLossOptions = {}) {
    super('AngularLoss', options, {
      options: ['alpha', 'normalizeNegatives'],
      distance: () => new LpDistance(),
      reducer: () => new MeanReducer(),
    })
    const { alpha = 40, normalizeNegatives = false } = options
    expectDegrees(this.name, 'alpha', alpha, 89)
    expectDistance(this.name, this.distance, LpDistance, { normalizeEmbeddings: true, p: 2, power: 1 })
    this.alpha = alpha
    this.normalizeNegatives = normalizeNegatives
  }

  protected computeTerms(inputs: LossInputs): LossTerms {
    const { embeddings, references, relations } = inputs
    const { positiveIndex, weights } = inputs.positivePairs()
    const anchors = this.distance.normalize(embeddings)
    const positives = references === embeddings ? anchors : this.distance.normalize(references)
    const negatives = this.normalizeNegatives ? positives : references
    const anchorNegative = tf.expandDims(tf.matMul(anchors, negatives, false, true), 1)
    const positiveNegative = tf.gather(tf.matMul(positives, negatives, false, true) as tf.Tensor, positiveIndex)
    const anchorPositive = tf.expandDims(gatherColumns(tf.matMul(anchors, positives, false, true), positiveIndex), 2)
    const squaredTangent = Math.tan(toRadians(this.alpha)) ** 2
    const exponents = tf.sub(
      tf.mul(tf.add(anchorNegative, positiveNegative), 4 * squaredTangent),
      tf.mul(anchorPositive, 2 * (1 + squaredTangent)),
    )
    const values = logSumExp(exponents, tf.expandDims(relations.negatives(), 1), { addOne: true })
    const hasNegatives = withoutGradient(() => tf.step(tf.sum(inputs.pairs().negative)))
    return { loss: { over: 'pair', values, weights: tf.mul(weights, hasNegatives) } }
  }
}
